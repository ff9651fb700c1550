using System.Globalization;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>How far the bytes go.</summary>
internal enum Verdict
{
    /// <summary>A whole message.</summary>
    Whole,

    /// <summary>The bytes end before the message does.</summary>
    Cut,

    /// <summary>No message that may be passed on.</summary>
    Refused,
}

/// <summary>What ends a body (RFC 9112 section 6.3).</summary>
internal enum Framing
{
    None,
    Length,
    Chunked,
    UntilClose,
}

internal sealed record StrictField(string Name, string Value)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

/// <summary>One message as the strict reader read it, or as far as it came.</summary>
internal sealed record StrictMessage
{
    public required Verdict Verdict { get; init; }

    /// <summary>Why it was refused.</summary>
    public string Fault { get; init; } = "";

    /// <summary>Whether the head is whole and sound, whatever became of the body.</summary>
    public bool HeadIsSound { get; init; }

    /// <summary>The statuses of the interim answers before this one.</summary>
    public IReadOnlyList<int> Interim { get; init; } = [];

    /// <summary>Of an answer.</summary>
    public int Status { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>Of a request.</summary>
    public string Method { get; init; } = "";

    public string Target { get; init; } = "";

    public bool IsHttp10 { get; init; }

    public IReadOnlyList<StrictField> Fields { get; init; } = [];

    public Framing Framing { get; init; }

    public long? Length { get; init; }

    public byte[] Body { get; init; } = [];

    public IReadOnlyList<StrictField> Trailers { get; init; } = [];

    /// <summary>How many bytes it took, interim answers included.</summary>
    public int Consumed { get; init; }

    public IEnumerable<string> Values(string name) => Fields.Where(f => f.Is(name)).Select(f => f.Value);

    public bool Has(string name, string token) =>
        Values(name).SelectMany(v => v.Split(',')).Any(v => v.Trim(' ', '\t').Equals(token, StringComparison.OrdinalIgnoreCase));

    /// <summary>A 204 or 205 that announces a body, which may come or not.</summary>
    public bool AnnouncesNeedlessBody => (Status == 204 && (Length > 0 || Has("Transfer-Encoding", "chunked"))) || (Status == 205 && Length != 0);

    /// <summary>Whether another message may follow on the connection (RFC 9112 section 9.3).</summary>
    public bool Persists => Framing != Framing.UntilClose && !Has("Connection", "close") && (!IsHttp10 || Has("Connection", "keep-alive"));

    public override string ToString() => Verdict == Verdict.Refused
        ? $"refused: {Fault}"
        : string.Create(CultureInfo.InvariantCulture, $"{Verdict} {Method}{Target}{(Status == 0 ? "" : Status)} {Reason} {Framing}, {Body.Length} bytes, {Trailers.Count} trailers");
}
