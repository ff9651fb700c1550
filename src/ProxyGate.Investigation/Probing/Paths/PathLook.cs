using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Sockets;

namespace ProxyGate.Investigation.Probing.Paths;

/// <summary>
/// Connects to one address and, as far as asked, finds out why that fails: who says so by ICMP, whether the host lives, how far packets get.
/// Everything is sent at once and watched together, so the answer takes as long as the slowest sign that is still worth waiting for.
/// </summary>
internal sealed class PathLook(IPEndPoint address, Technique techniques, TimeProvider clock) : IDisposable
{
    private const int MostHops = 12;
    private const int UdpHops = 8;
    /// <summary>The first retransmission is due after 1 s (RFC 6298 section 2.1).</summary>
    private const double BeforeRetransmission = 900, AfterRetransmission = 1300;
    /// <summary>After three ARP questions of a second each, this machine or the last router says that the host does not answer.</summary>
    private const double HostSilenceMs = 3400;
    private const double AnswerGraceMs = 250;
    /// <summary>Only a connect that is silent for so long, or refused, is followed hop by hop: one that works must not be repeated.</summary>
    private const double SilentMs = 150;

    private readonly Packet _connect = new(PacketKind.Tcp, address);
    private readonly List<Packet> _packets = [];
    private readonly List<(PacketKind Kind, int Distance, IPAddress Router)> _hops = [];
    private SendFailures.Sample? _atStart, _before, _after;
    private double? _ended;
    private double _watchedMs;
    private bool _traced;
    private string? _othersFail;

    /// <summary>The most it takes: the long one only when a connect that had already timed out stays silent and nothing shows the host alive.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMilliseconds(HostSilenceMs);

    public PathSeen Look(IReadOnlyList<IPEndPoint> others, TimeSpan patience, CancellationToken cancellationToken)
    {
        var route = techniques.HasFlag(Technique.Route) || techniques.HasFlag(Technique.Trace) ? Netlink.Route(address.Address) : null;
        _packets.Add(_connect);
        foreach (var other in others) _packets.Add(new Packet(PacketKind.Tcp, other));
        if (techniques.HasFlag(Technique.Signs) && route is not { Local: true } and not { Errno: not 0 })
            _packets.AddRange([new Packet(PacketKind.Echo, address), new Packet(PacketKind.Udp, address)]);
        PacketRound.Run(_packets, Limit, clock, elapsed => Enough(_watchedMs = elapsed, patience.TotalMilliseconds, route), cancellationToken);
        return new PathSeen(Facts(route, others), [.. _packets.Where(p => p.Kind == PacketKind.Tcp && p.Hops is null).Select(Try)], [.. NotSeen(route)]);
    }

    public void Dispose()
    {
        foreach (var packet in _packets) packet.Dispose();
        _connect.Dispose();
    }

    /// <summary>Connects that run out of hops one router further each, and datagrams beside them to compare with.</summary>
    private void Trace()
    {
        _traced = true;
        for (var hops = 1; hops <= MostHops; hops++) _packets.Add(new Packet(PacketKind.Tcp, address, hops));
        for (var hops = 1; hops <= UdpHops; hops++) _packets.Add(new Packet(PacketKind.Udp, address, hops));
    }

    private bool Enough(double elapsed, double patience, KernelRoute? route)
    {
        var mayTrace = techniques.HasFlag(Technique.Trace) && !_traced && route?.Gateway is not null;
        if (_connect.Done)
        {
            // Who refuses: a reset that comes back from fewer hops than the host is away is not the host's.
            if (mayTrace && _connect is { Errno: Libc.Econnrefused, Icmp.Count: 0 }) Trace();
            _ended ??= elapsed;
            var waiting = _packets.Exists(p => !p.Done && (p.Hops is null || _connect.Errno == Libc.Econnrefused));
            return !waiting || elapsed - _ended >= (_connect.Answered ? 0 : AnswerGraceMs);
        }

        if (mayTrace && elapsed >= SilentMs) Trace();
        if (techniques.HasFlag(Technique.Trace))
        {
            _atStart ??= SendFailures.Take(SentAgain);
            if (elapsed >= BeforeRetransmission) _before ??= SendFailures.Take(SentAgain);
            if (elapsed >= AfterRetransmission) _after ??= SendFailures.Take(SentAgain);
        }

        if (elapsed < patience) return false;
        // A host that is known to live drops the connect; one that may be off is worth the wait for who says so.
        return !techniques.HasFlag(Technique.Trace) || HostAlive(route) == true || OwnFilter().Drops == true || elapsed >= HostSilenceMs;
    }

    private PathFacts Facts(KernelRoute? route, IReadOnlyList<IPEndPoint> others)
    {
        var v6 = address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        CollectHops(v6);
        var filter = OwnFilter();
        var echo = _packets.Find(p => p.Kind == PacketKind.Echo);
        var tcpHop = _hops.Where(h => h.Kind == PacketKind.Tcp).OrderBy(h => h.Distance).LastOrDefault().Router;
        return new PathFacts
        {
            Route = route is null or { Errno: not 0 } ? null : Words(route),
            NoRoute = route is { Errno: not 0 } || (route is null && _connect.Errno == Libc.Enetunreach && _connect.Icmp.Count == 0),
            RouteErrno = route is { Errno: not 0 } ? route.Errno : null,
            Local = route is { Local: true },
            Source = (_connect.Source?.Address is { } used && !used.Equals(IPAddress.Any) && !used.Equals(IPAddress.IPv6Any) ? used : route?.Source)?.ToString(),
            Neighbour = route is { Errno: 0, Local: false, Gateway: null } ? Netlink.Neighbour(address.Address, route.Device)?.Name : null,
            NextHop = route?.Gateway?.ToString(),
            NextHopNeighbour = route?.Gateway is { } gateway ? Netlink.Neighbour(gateway, route.Device)?.Name : null,
            Pinged = echo is null or { NotAllowed: true } ? null : echo.Answered,
            Icmp = Telling(v6),
            LastHop = (tcpHop ?? _hops.OrderBy(h => h.Distance).LastOrDefault().Router)?.ToString(),
            Hops = [.. _hops.OrderBy(h => h.Distance).ThenBy(h => h.Kind).Select(h => new HopSeen(h.Distance, h.Router.ToString(), h.Kind == PacketKind.Tcp ? "tcp" : "udp"))],
            HostAlive = HostAlive(route),
            OtherPortAnswers = others.Count == 0 ? null : _packets.Exists(p => p.Kind == PacketKind.Tcp && others.Contains(p.Target) && p.Answered),
            RefusedAtHops = Nearest(p => p is { Kind: PacketKind.Tcp, Errno: Libc.Econnrefused, Icmp.Count: 0 }),
            HostAtHops = Nearest(p => p.Kind == PacketKind.Udp && p.Icmp.Exists(e => e.IsIcmp && address.Address.Equals(e.Offender))),
            OwnFilterDrops = filter.Drops,
            OwnFilterEvidence = filter.Evidence,
        };
    }

    /// <summary>The ICMP error that tells most: one about the connect itself, or else one that says the host cannot be reached at all.</summary>
    private IcmpSeen? Telling(bool v6)
    {
        var about = Errors(_connect, v6).FirstOrDefault()
            ?? _packets.Where(p => p.Kind == PacketKind.Tcp && p.Target.Equals(address)).SelectMany(p => Errors(p, v6)).FirstOrDefault()
            ?? _packets.Where(p => p.Kind != PacketKind.Tcp).SelectMany(p => Errors(p, v6)).FirstOrDefault(e => !IcmpNames.IsPortUnreachable(v6, e.Type, e.Code));
        return about is null ? null : new IcmpSeen(about.Type, about.Code, IcmpNames.Of(v6, about.Type, about.Code), about.Offender?.ToString() ?? "", SenderOf(about.Offender));
    }

    private static IEnumerable<QueuedError> Errors(Packet packet, bool v6) => packet.Icmp.Where(e => e.IsIcmp && !IcmpNames.IsTimeExceeded(v6, e.Type, e.Code));

    private IcmpSender SenderOf(IPAddress? sender)
    {
        // The host first: when it is this machine, both are true and the host is what was asked about.
        if (sender is null || sender.Equals(address.Address)) return IcmpSender.Host;
        return Netlink.Route(sender) is { Local: true } ? IcmpSender.Own : IcmpSender.Router;
    }

    private bool? HostAlive(KernelRoute? route)
    {
        if (route is { Local: true }) return true;
        var signs = _packets.Where(p => p.Target.Address.Equals(address.Address)).ToList();
        // A connect that a firewall resets or refuses looks like the host's own answer, and only its ICMP tells the sender.
        if (signs.Exists(p => p.Answered || p.Icmp.Exists(e => e.IsIcmp && address.Address.Equals(e.Offender)))) return true;
        if (signs.Exists(p => p.Kind == PacketKind.Tcp && p.Errno == Libc.Econnrefused && p.Icmp.Count == 0)) return true;
        return signs.Exists(p => p.Kind is PacketKind.Echo or PacketKind.Udp && !p.NotAllowed) ? false : null;
    }

    private (bool? Drops, string? Evidence) OwnFilter()
    {
        if (_packets.Find(p => p.Errno == Libc.Eperm && !p.NotAllowed) is { } refused)
            return (true, $"sending {Words(refused.Kind)} failed with EPERM");
        if (_atStart is not { } start || _before is not { } before || _after is not { } after) return (null, null);
        var (failed, ours) = (after.Failures - before.Failures, after.SentAgain - before.SentAgain);

        // What a router answered has left this machine.
        if (failed <= 0 || ours <= 0 || _packets.Exists(p => p.Kind == PacketKind.Tcp && p.Target.Equals(address) && (p.Answered || p.Icmp.Count > 0))) return (false, null);

        // The count is that of all connections. It speaks of ours only when it grew by just as many as we sent, and not while we sent none.
        var (failedBefore, oursBefore) = (before.Failures - start.Failures, before.SentAgain - start.SentAgain);
        _othersFail = failed == ours && failedBefore == oursBefore ? null
            : FormattableString.Invariant($"it holds back those of other connections at the same time, and the kernel counts them together ({failedBefore + failed} held back, {oursBefore + ours} of ours)");
        return _othersFail is not null ? (null, null) : (true, FormattableString.Invariant($"Each of the {ours} packets of ours that were due to be sent again was held back on this machine (TCPRetransFail grew by {failed})"));
    }

    /// <summary>How often the kernel sent packets of ours to this address again, or tried to.</summary>
    private int SentAgain() => _packets.Where(p => p.Target.Equals(address)).Sum(p => p.Retransmits());

    private int? Nearest(Predicate<Packet> match) => _packets.Where(p => p.Hops is not null && match(p)).Min(p => p.Hops);

    private void CollectHops(bool v6)
    {
        foreach (var packet in _packets.Where(p => p.Hops is not null))
        {
            foreach (var error in packet.Icmp.Where(e => e is { IsIcmp: true, Offender: not null } && IcmpNames.IsTimeExceeded(v6, e.Type, e.Code)))
                _hops.Add((packet.Kind, packet.Hops!.Value, error.Offender!));
        }
    }

    private IEnumerable<BlindSpot> NotSeen(KernelRoute? route)
    {
        if (route is null && techniques.HasFlag(Technique.Route)) yield return new BlindSpot("the route to " + address.Address, "the kernel's routing (netlink) could not be asked");
        if (_packets.Find(p => p.NotAllowed) is { } echo)
            yield return new BlindSpot($"whether {address.Address} answers a ping", echo.Errno is Libc.Eacces or Libc.Eperm
                ? "sending one needs a group in net.ipv4.ping_group_range, or CAP_NET_RAW" : FormattableString.Invariant($"the socket for it could not be made (errno {echo.Errno})"));
        if (_othersFail is not null) yield return new BlindSpot("whether a rule of this machine holds the packets back", _othersFail);
        if (_traced && !_packets.Exists(p => p.Hops is not null && p.Icmp.Count > 0))
            yield return new BlindSpot("where packets are lost", "no router on the way says so when a packet runs out of hops");
    }

    private AddressTry Try(Packet packet) => new()
    {
        Address = packet.Target.ToString(),
        DurationMs = packet.Done ? packet.DurationMs : _watchedMs,
        Connected = packet.Answered,
        TimedOut = !packet.Done,
        Errno = packet.Errno,
    };

    private static string Words(PacketKind kind) => kind switch
    {
        PacketKind.Tcp => "a TCP connect",
        PacketKind.Udp => "a datagram to the same port",
        _ => "a ping",
    };

    private static string Words(KernelRoute route)
    {
        var device = Netlink.InterfaceName(route.Device) ?? FormattableString.Invariant($"interface {route.Device}");
        return (route.Local ? "local " : route.Gateway is { } gateway ? $"via {gateway} " : "on-link ") + "dev " + device;
    }
}

/// <summary>What was seen on the way to an address.</summary>
internal sealed record PathSeen(PathFacts Facts, IReadOnlyList<AddressTry> Tries, IReadOnlyList<BlindSpot> NotSeen);
