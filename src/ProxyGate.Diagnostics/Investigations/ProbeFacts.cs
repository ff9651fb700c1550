using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Investigations;

/// <summary>What answers at the destination's port when it is spoken to.</summary>
public sealed record ServiceFacts
{
    /// <summary>Whether a new connection was accepted.</summary>
    public required bool Connected { get; init; }

    public int? ConnectErrno { get; init; }

    public bool ConnectTimedOut { get; init; }

    public double ConnectMs { get; init; }

    /// <summary>What it said unasked: first bytes, at most 64.</summary>
    public ReadOnlyMemory<byte> Banner { get; init; }

    /// <summary>Whether it completes a TLS handshake; absent when not tried.</summary>
    public bool? SpeaksTls { get; init; }

    public CertificateFacts? Certificate { get; init; }

    public IReadOnlyList<string> Alpn { get; init; } = [];

    /// <summary>Whether it answers a HEAD request with HTTP/1.x.</summary>
    public bool? SpeaksHttp1 { get; init; }

    public int? HttpStatus { get; init; }

    /// <summary>Whether it answers the HTTP/2 preface in clear text.</summary>
    public bool? SpeaksH2c { get; init; }

    /// <summary>The service by name where its bytes tell: <c>OpenSSH</c>, <c>Redis</c>, <c>PostgreSQL</c>, …</summary>
    public string? Name { get; init; }
}

/// <summary>The way to the destination's address.</summary>
public sealed record PathFacts
{
    /// <summary>The local route, e.g. <c>via 10.0.0.1 dev eth0</c>; absent when there is none.</summary>
    public string? Route { get; init; }

    public bool NoRoute { get; init; }

    /// <summary><c>REACHABLE</c>, <c>STALE</c>, <c>FAILED</c>, <c>INCOMPLETE</c>; absent for routed addresses.</summary>
    public string? Neighbour { get; init; }

    /// <summary>Whether the host answered an ICMP echo; absent when it could not be asked.</summary>
    public bool? Pinged { get; init; }

    public IcmpSeen? Icmp { get; init; }

    /// <summary>The last router or host that answered on the way, from the TTL test.</summary>
    public string? LastHop { get; init; }

    /// <summary>Whether the host itself was seen alive (an answer from its own address).</summary>
    public bool? HostAlive { get; init; }

    /// <summary>Whether other TCP ports known from configuration answered on this address.</summary>
    public bool? OtherPortAnswers { get; init; }
}

/// <summary>An ICMP message about our packets (RFC 792, RFC 4443).</summary>
/// <param name="Type">ICMP type.</param>
/// <param name="Code">ICMP code.</param>
/// <param name="Name">E.g. <c>port-unreachable</c>, <c>admin-prohibited</c>, <c>host-unreachable</c>.</param>
/// <param name="Sender">Its source address.</param>
/// <param name="From">Whose address that is.</param>
public sealed record IcmpSeen(int Type, int Code, string Name, string Sender, IcmpSender From);

public enum IcmpSender
{
    Host,
    Router,
    /// <summary>This machine itself: an own route or an own egress filter.</summary>
    Own,
}

/// <summary>What one name server says.</summary>
/// <param name="Server">Its address.</param>
/// <param name="Type"><c>A</c> or <c>AAAA</c>.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Addresses">The addresses given.</param>
/// <param name="DurationMs">How long it took.</param>
public sealed record NameAnswerFacts(string Server, string Type, NameOutcome Outcome, IReadOnlyList<string> Addresses, double DurationMs);

public enum NameOutcome
{
    Answered,
    /// <summary>The name exists, but has no address of this type.</summary>
    NoData,
    NxDomain,
    ServFail,
    Refused,
    TimedOut,
    /// <summary>The answer could not be read.</summary>
    Malformed,
    /// <summary>The server's port refused the question.</summary>
    Unreachable,
}
