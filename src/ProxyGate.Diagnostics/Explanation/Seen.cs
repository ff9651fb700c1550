using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>The facts of a failure as the words need them: the deciding attempt, its places and times in the form people read.</summary>
internal sealed class Seen
{
    private const int MaxPlace = 200;

    private AppPlace? _app;

    public Seen(FailureFacts facts, Failure failure, FailureContext? context = null, InvestigationFacts? investigation = null)
    {
        Context = context;
        Investigation = investigation;
        Request = facts.Request;
        Attempts = facts.Attempts;
        Failure = failure;
        Attempt = failure.Attempt ?? (facts.Attempts.Count > 0 ? facts.Attempts[^1] : null);
        Destination = Destination.Parse(Attempt?.DestinationUrl ?? "http://" + AppPlace.Unknown);
        if (Attempt is { IsUnixSocket: true, Address: { } path }) Destination = Destination with { SocketPath = path };
        FirstBytesAre = Attempt is null ? "none" : FirstBytes.Name(Attempt.FirstBytes);
    }

    public FailureContext? Context { get; }

    public InvestigationFacts? Investigation { get; }

    public AppPlace App => _app ??= new AppPlace(Attempt is null ? null : Destination, Investigation);

    public RequestFacts Request { get; }

    public IReadOnlyList<AttemptFacts> Attempts { get; }

    public Failure Failure { get; }

    /// <summary>The attempt that decided; absent when none was made.</summary>
    public AttemptFacts? Attempt { get; }

    public Destination Destination { get; }

    public string FirstBytesAre { get; }

    public TlsFacts? Tls => Attempt?.Tls;

    public Http2Facts? Http2 => Attempt?.Http2;

    public BodyFacts? Body => Attempt?.Body;

    /// <summary>The try that tells most: the one that was used, or the one whose failure the cause names.</summary>
    public AddressTry? TellingTry =>
        Attempt?.AddressesTried.FirstOrDefault(t => t.Connected)
        ?? Attempt?.AddressesTried.FirstOrDefault(t => t.Error is not null && t.Error == Attempt.SocketError)
        ?? Attempt?.AddressesTried.FirstOrDefault(t => !t.Abandoned)
        ?? (Attempt is { AddressesTried: [var first, ..] } ? first : null);

    /// <summary>
    /// The place as a reader finds it: <c>10.0.0.5:8080 (app)</c>, <c>127.0.0.1:5000</c>, <c>the socket /run/app.sock</c>.
    /// </summary>
    public string Where
    {
        get
        {
            if (Attempt is null) return "the destination";
            if (Destination.IsUnixSocket) return "the socket " + Short(Destination.SocketPath!);
            var address = Attempt.Address ?? TellingTry?.Address;
            if (address is null) return Short(Destination.HostPort);
            return Destination.IsLiteral || address.StartsWith(Destination.Host + ":", StringComparison.Ordinal)
                ? Short(address)
                : $"{Short(address)} ({Short(Destination.Host)})";
        }
    }

    /// <summary>The IP address connected to or tried, without port; the host where none is known.</summary>
    public string Ip => (Attempt?.Address ?? TellingTry?.Address) is { } address && IPEndPoint.TryParse(address, out var endpoint)
        ? endpoint.Address.ToString()
        : Short(Destination.Host);

    public string Name => Short(Attempt?.Dns?.Host ?? Destination.Host);

    /// <summary>How long the answer had been waited for: from the request sent (or its sending begun) to the end.</summary>
    public double AfterRequestMs => Attempt is null ? 0 : Math.Max(
        0,
        Attempt.DurationMs - (Attempt.SendMs ?? 0)
            - (Attempt.Reused ? 0 : (Attempt.Dns?.DurationMs ?? 0) + (Attempt.ConnectMs ?? 0) + (Attempt.Tls?.HandshakeMs ?? 0)));

    public string AfterRequest => Amounts.Time(AfterRequestMs);

    public string Limit => Attempt?.TimeoutMs is { } limit ? Amounts.Time(limit) : "the configured time";

    /// <summary>The request never came as far as the app: there was no connection.</summary>
    public bool FoundNobody => Failure.Stage == Stage.Connect;

    /// <summary>E.g. <c>GET /basket</c>.</summary>
    public string RequestLine => $"{HostileText.Line(Request.Method, 32)} {HostileText.Line(Request.Path, MaxPlace)}";

    /// <summary>The destination as the configuration has it: <c>destination "app-1" (proxygate.json:31)</c>.</summary>
    public string DestinationInConfig => Attempt is null ? "the destination"
        : $"destination \"{Short(Attempt.Destination)}\"{(Context?.DestinationSource is { Length: > 0 } line ? $" ({Short(line)})" : "")}";

    /// <summary>The cluster's id for a path in the configuration.</summary>
    public string Cluster => Short(Request.Cluster ?? "<cluster>");

    /// <summary>The configuration's file, where it is known.</summary>
    public string ConfigFile => (Context?.DestinationSource ?? Context?.RouteSource) is { Length: > 0 } line
        ? line.LastIndexOf(':') is > 1 and var colon && int.TryParse(line.AsSpan(colon + 1), out _) ? line[..colon] : line
        : "proxygate.json";

    /// <summary>How the answer begins. Of an HTTP head only the status line: field values can be secret, and this goes into sentences that are handed on.</summary>
    public string? Banner => Attempt is { FirstBytes.Length: > 0 } ? RawBytes.Text(Opening(Attempt.FirstBytes), 48) : null;

    private static ReadOnlySpan<byte> Opening(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("HTTP/"u8) && bytes.IndexOfAny((byte)'\r', (byte)'\n') is > 0 and var end ? bytes[..end] : bytes;

    /// <summary>What the first bytes say in quotes, with their speaker when it is known.</summary>
    public string FirstBytesInWords => Banner is null ? "nothing"
        : ProtocolNames.Speaker(FirstBytesAre) is { } speaker ? $"\"{Banner}\", which is how {speaker} begins" : $"\"{Banner}\"";

    /// <summary>A closing half-sentence on the other addresses, where several were tried.</summary>
    public string OtherAddresses => Attempt is { AddressesTried.Count: > 1 and var count } && !Attempt.AddressesTried.Any(t => t.Connected)
        ? Amounts.Invariant($" ProxyGate tried {count} addresses of {Name}; none accepted the connection.")
        : "";

    public static string Short(string text) => HostileText.Line(text, MaxPlace);
}
