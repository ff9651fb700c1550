namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>What came of a request for the client.</summary>
internal enum Came
{
    /// <summary>The app's answer, whole.</summary>
    Answer,

    /// <summary>The gateway's own answer: the app gave none that may be passed on.</summary>
    GatewayError,

    /// <summary>An answer that broke off, and showed it.</summary>
    Cut,

    /// <summary>What no client may be sent.</summary>
    Malformed,
}

/// <summary>What the client got.</summary>
internal sealed record ClientView
{
    public required Came Came { get; init; }

    public int Status { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<StrictField> Fields { get; init; } = [];

    public Framing Framing { get; init; }

    public byte[] Body { get; init; } = [];

    public IReadOnlyList<StrictField> Trailers { get; init; } = [];

    /// <summary>What came back through the tunnel.</summary>
    public byte[] Tunnel { get; init; } = [];

    /// <summary>Whether the connection served another request.</summary>
    public bool Kept { get; init; }

    /// <summary>What was wrong with it.</summary>
    public string Fault { get; init; } = "";

    public override string ToString() =>
        $"{Came} {Status} '{Reason}' {Framing}{(Kept ? " kept" : "")} [{string.Join(" | ", Fields.Select(f => $"{f.Name}: {f.Value}"))}] body {Body.Length} '{Bytes.Escape(Body.AsSpan(0, Math.Min(Body.Length, 40)))}' [{string.Join(" | ", Trailers.Select(f => $"{f.Name}: {f.Value}"))}] tunnel {Tunnel.Length} {Fault}";
}
