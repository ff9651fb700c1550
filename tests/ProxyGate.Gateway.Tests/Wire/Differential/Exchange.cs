using System.Globalization;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>How a request's body is framed.</summary>
internal enum BodyKind
{
    None,
    Length,
    Chunked,
}

/// <summary>How the app leaves the connection behind its answer.</summary>
internal enum AppEnd
{
    KeepOpen,
    Close,
    Reset,
}

/// <summary>What the app sends, whatever it was asked.</summary>
internal sealed record Play
{
    public required byte[][] Pieces { get; init; }

    /// <summary>Answers as soon as it has the head, without waiting for the body.</summary>
    public bool Early { get; init; }

    /// <summary>Sends back what comes through the tunnel that its 101 opened.</summary>
    public bool Echoes { get; init; }

    public AppEnd End { get; init; }

    public byte[] Answer => [.. Pieces.SelectMany(p => p)];
}

/// <summary>One request of a client and the app's part in it.</summary>
internal sealed record Exchange
{
    /// <summary>Tells the app which play is its own, and who asked.</summary>
    public const string CaseField = "X-Case";

    public required string Name { get; init; }

    public required string Method { get; init; }

    public required string Target { get; init; }

    public string Version { get; init; } = "HTTP/1.1";

    public IReadOnlyList<StrictField> Fields { get; init; } = [];

    public BodyKind BodyKind { get; init; }

    public byte[] Body { get; init; } = [];

    /// <summary>The body's parts as they are sent, each a chunk where it is chunked.</summary>
    public IReadOnlyList<int> Parts { get; init; } = [];

    public IReadOnlyList<StrictField> Trailers { get; init; } = [];

    public bool Expects { get; init; }

    /// <summary>What goes through the tunnel once it is open.</summary>
    public byte[] Tunnel { get; init; } = [];

    public required Play Play { get; init; }

    public bool IsHead => Method == "HEAD";

    public StrictMessage Strict => StrictReader.ReadAnswer(Play.Answer, IsHead, closed: Play.End != AppEnd.KeepOpen);

    public byte[] Head(string gateway)
    {
        var text = new StringBuilder().Append(Method).Append(' ').Append(Target).Append(' ').Append(Version).Append("\r\nHost: site.example\r\n");
        text.Append(CaseField).Append(": ").Append(Name).Append('/').Append(gateway).Append("\r\n");
        foreach (var field in Fields) text.Append(field.Name).Append(':').Append(field.Value).Append("\r\n");
        if (Expects) text.Append("Expect: 100-continue\r\n");
        if (BodyKind == BodyKind.Length) text.Append(CultureInfo.InvariantCulture, $"Content-Length: {Body.Length}\r\n");
        if (BodyKind == BodyKind.Chunked) text.Append("Transfer-Encoding: chunked\r\n");
        return Bytes.Of(text.Append("\r\n").ToString());
    }

    /// <summary>The body as it is framed, in the pieces that are sent one by one.</summary>
    public IEnumerable<byte[]> FramedBody()
    {
        if (BodyKind == BodyKind.None) yield break;
        var at = 0;
        foreach (var part in Parts)
        {
            var bytes = Body[at..(at + part)];
            at += part;
            yield return BodyKind == BodyKind.Length ? bytes : [.. Bytes.Of(part.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), .. bytes, 13, 10];
        }

        if (BodyKind == BodyKind.Chunked) yield return Bytes.Of("0\r\n" + string.Concat(Trailers.Select(t => $"{t.Name}: {t.Value}\r\n")) + "\r\n");
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("  asked:    ").AppendLine(Shown([.. Head("x"), .. FramedBody().SelectMany(p => p)]));
        text.Append("  answered: ").AppendLine(Shown(Play.Answer));
        return text.Append(CultureInfo.InvariantCulture, $"  early {Play.Early}, then {Play.End}; strictly {Strict}").ToString();
    }

    private static string Shown(byte[] bytes) => Bytes.Escape(bytes.AsSpan(0, Math.Min(bytes.Length, 1200))) + (bytes.Length > 1200 ? "…" : "");
}
