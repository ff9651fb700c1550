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

    /// <summary>The service by name where its bytes tell: <c>OpenSSH</c>, <c>Redis</c>, <c>PostgreSQL</c>, … Absent for HTTP and TLS servers.</summary>
    public string? Name { get; init; }

    /// <summary>What it answered to a request in clear text: first bytes, at most 64; empty when it closed or stayed silent.</summary>
    public ReadOnlyMemory<byte> HttpAnswer { get; init; }

    /// <summary>Whether it ended the connection without a byte when it was spoken to in clear text; absent when that was not tried.</summary>
    public bool? ClosedOnHttp { get; init; }

    /// <summary>Whether its answer in clear text says that it wants TLS, as nginx and Go servers do with a 400.</summary>
    public bool AsksForTls { get; init; }

    /// <summary>The <c>Server</c> field of its HTTP answer. Hostile text.</summary>
    public string? HttpServer { get; init; }

    /// <summary>The handshake that was tried; its certificate was judged by this machine's trust, not by the cluster's settings, and never refused.</summary>
    public TlsFacts? Tls { get; init; }

    /// <summary>Whether it accepted the connection and then said nothing to anything it was asked.</summary>
    public bool Silent { get; init; }
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

    /// <summary>The errno the kernel's routing table gives: 101 no route, 113 an <c>unreachable</c>, 13 a <c>prohibit</c>, 22 a <c>blackhole</c> route.</summary>
    public int? RouteErrno { get; init; }

    /// <summary>Whether the address belongs to this machine.</summary>
    public bool Local { get; init; }

    /// <summary>The source address the kernel chooses for it.</summary>
    public string? Source { get; init; }

    /// <summary>The router the route goes through; absent for addresses on the same link.</summary>
    public string? NextHop { get; init; }

    /// <summary>The neighbour entry of <see cref="NextHop"/>: <c>FAILED</c> or <c>INCOMPLETE</c> means that the router itself does not answer.</summary>
    public string? NextHopNeighbour { get; init; }

    /// <summary>The routers that answered, nearest first.</summary>
    public IReadOnlyList<HopSeen> Hops { get; init; } = [];

    /// <summary>
    /// The fewest hops a connect needs to be answered with a reset. Fewer than <see cref="HostAtHops"/>: the reset is not the host's own, but
    /// that of something before it (1: this machine's own filter, or the first router's). Equal says nothing.
    /// </summary>
    public int? RefusedAtHops { get; init; }

    /// <summary>The fewest hops a datagram needs to be answered by the host itself.</summary>
    public int? HostAtHops { get; init; }

    /// <summary>
    /// Whether this machine refused to send our packets: a send failed with EPERM, or the kernel counted retransmissions it could not
    /// hand down while ours were due. Absent when it was not looked at.
    /// </summary>
    public bool? OwnFilterDrops { get; init; }

    /// <summary>What <see cref="OwnFilterDrops"/> was seen by.</summary>
    public string? OwnFilterEvidence { get; init; }
}

/// <summary>A router that said a packet of ours ran out of hops at it.</summary>
/// <param name="Distance">How many hops away.</param>
/// <param name="Address">Its address.</param>
/// <param name="Protocol">Which of our packets got there: <c>tcp</c> or <c>udp</c>.</param>
public sealed record HopSeen(int Distance, string Address, string Protocol);

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
/// <param name="Server">Its address, or <c>/etc/hosts</c>.</param>
/// <param name="Type"><c>A</c> or <c>AAAA</c>.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Addresses">The addresses given.</param>
/// <param name="DurationMs">How long it took.</param>
public sealed record NameAnswerFacts(string Server, string Type, NameOutcome Outcome, IReadOnlyList<string> Addresses, double DurationMs)
{
    /// <summary>The full name this is the answer for, where search domains or the hosts file made another one of the configured name.</summary>
    public string? Asked { get; init; }

    /// <summary>The name the asked one is an alias of, at the end of the chain. Hostile text.</summary>
    public string? Alias { get; init; }

    /// <summary>For how long the answer may be kept, in seconds.</summary>
    public int? TtlSeconds { get; init; }

    /// <summary>More of why there is no answer, e.g. <c>cut short, and TCP port 53 refused</c>.</summary>
    public string? Detail { get; init; }
}

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
