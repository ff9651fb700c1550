using System.Globalization;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Investigation.Tests.Probing.Network;

/// <summary>Every fault of packet filters, routes and hosts that are off, in real namespaces, as root and as a user who may do nothing special.</summary>
public sealed class NetworkFaultTests(ProbeLab lab, ITestOutputHelper output) : IClassFixture<ProbeLab>
{
    private const int Refused = 111, Unreachable = 113, NoWay = 101, Denied = 13, Invalid = 22, Silent = 0, Accepted = -1;
    private const string H = ProbeLab.Host, H6 = "[" + ProbeLab.Host6 + "]";

    private static readonly Case[] s_cases =
    [
        new("it works", "connect_timeout", H + ":7000", Accepted),
        new("nobody listens", "connect_refused", H + ":7001", Refused) { Expect = p => p is { Icmp: null, HostAlive: true, RefusedAtHops: 2, HostAtHops: 2 } },
        new("the host drops", "connect_timeout", H + ":7011", Silent) { Expect = p => p is { Icmp: null, HostAlive: true, OwnFilterDrops: false, LastHop: ProbeLab.Router, OtherPortAnswers: true } },
        new("the host rejects: port unreachable", "connect_refused", H + ":7012", Refused, "port-unreachable", H, IcmpSender.Host),
        new("the host rejects: prohibited", "host_unreachable", H + ":7013", Unreachable, "admin-prohibited", H, IcmpSender.Host),
        new("the host rejects: host unreachable", "host_unreachable", H + ":7014", Unreachable, "host-unreachable", H, IcmpSender.Host),
        new("the host resets", "connect_refused", H + ":7016", Refused) { Expect = p => p is { Icmp: null, RefusedAtHops: 2, HostAtHops: 2 } },
        new("the router drops", "connect_timeout", H + ":7021", Silent) { Expect = p => p is { Icmp: null, HostAlive: true, OwnFilterDrops: false, LastHop: ProbeLab.Router, OtherPortAnswers: true } },
        new("the router rejects: port unreachable", "connect_refused", H + ":7022", Refused, "port-unreachable", ProbeLab.Router, IcmpSender.Router),
        new("the router rejects: prohibited", "host_unreachable", H + ":7023", Unreachable, "admin-prohibited", ProbeLab.Router, IcmpSender.Router),
        new("the router rejects: host unreachable", "host_unreachable", H + ":7024", Unreachable, "host-unreachable", ProbeLab.Router, IcmpSender.Router),
        // Nothing tells it from the host's own reset: the router is right before the host, and asks for hops before it filters.
        new("the router resets", "connect_refused", H + ":7026", Refused) { Expect = p => p is { Icmp: null, RefusedAtHops: 2, HostAtHops: 2 } },
        new("the gateway drops", "connect_timeout", H + ":7031", Silent) { Expect = p => p is { OwnFilterDrops: true, HostAlive: true } && p.Hops.All(h => h.Protocol == "udp") },
        new("the gateway drops everything", "connect_timeout", H + ":7032", Silent) { Expect = p => p is { OwnFilterDrops: true } && p.OwnFilterEvidence!.Contains("EPERM", StringComparison.Ordinal) },
        new("the gateway rejects: prohibited", "host_unreachable", H + ":7033", Unreachable, "admin-prohibited", ProbeLab.Gateway, IcmpSender.Own),
        new("the gateway rejects: host unreachable", "host_unreachable", H + ":7034", Unreachable, "host-unreachable", ProbeLab.Gateway, IcmpSender.Own) { Expect = p => p.NextHopNeighbour is not (null or "FAILED" or "INCOMPLETE") },
        new("the gateway resets", "connect_refused", H + ":7036", Refused) { Expect = p => p is { Icmp: null, RefusedAtHops: 1, HostAtHops: 2 } },
        new("the host drops everything", "connect_timeout", "10.90.2.9:80", Silent) { Expect = p => p is { HostAlive: false, Icmp: null, LastHop: ProbeLab.Router, OwnFilterDrops: false } },
        new("the host behind the router is off", "connect_timeout", "10.90.2.77:80", Unreachable, "host-unreachable", ProbeLab.Router, IcmpSender.Router) { Expect = p => p.HostAlive == false },
        new("the host on the link is off", "connect_timeout", "10.90.3.77:80", Unreachable, "host-unreachable", "10.90.3.1", IcmpSender.Own) { Expect = p => p is { HostAlive: false, Neighbour: "FAILED" or "INCOMPLETE", NextHop: null } },
        new("the host on the link drops", "connect_timeout", ProbeLab.OnLink + ":7011", Silent) { Expect = p => p is { HostAlive: true, Neighbour: not (null or "FAILED" or "INCOMPLETE"), NextHop: null } },
        new("the router is off", "connect_timeout", "10.94.0.1:80", Unreachable, "host-unreachable", "10.90.3.1", IcmpSender.Own) { Expect = p => p is { NextHop: "10.90.3.99", NextHopNeighbour: "FAILED" or "INCOMPLETE" } },
        new("the router has no way", "network_unreachable", "10.93.0.1:80", NoWay, "net-unreachable", ProbeLab.Router, IcmpSender.Router) { Expect = p => !p.NoRoute },
        new("no route", "network_unreachable", "10.98.0.1:80", NoWay) { Expect = p => p is { NoRoute: true, RouteErrno: NoWay, Route: null, Icmp: null } },
        new("an unreachable route", "host_unreachable", "10.97.0.1:80", Unreachable) { Expect = p => p is { NoRoute: true, RouteErrno: Unreachable, Icmp: null } },
        new("a prohibiting route", "gateway_connect_denied", "10.96.0.1:80", Denied) { Expect = p => p is { NoRoute: true, RouteErrno: Denied } },
        new("a blackhole route", "host_unreachable", "10.95.0.1:80", Invalid) { Expect = p => p is { NoRoute: true, RouteErrno: Invalid } },
        new("IPv6: it works", "connect_timeout", H6 + ":7000", Accepted),
        new("IPv6: the host drops", "connect_timeout", H6 + ":7011", Silent) { Expect = p => p is { HostAlive: true, LastHop: ProbeLab.Router6, OwnFilterDrops: false } },
        new("IPv6: the host rejects: prohibited", "gateway_connect_denied", H6 + ":7013", Denied, "admin-prohibited", ProbeLab.Host6, IcmpSender.Host),
        new("IPv6: the host rejects: port unreachable", "connect_refused", H6 + ":7012", Refused, "port-unreachable", ProbeLab.Host6, IcmpSender.Host),
        new("IPv6: the router drops", "connect_timeout", H6 + ":7021", Silent) { Expect = p => p is { HostAlive: true, LastHop: ProbeLab.Router6 } },
        new("IPv6: the router rejects: prohibited", "gateway_connect_denied", H6 + ":7023", Denied, "admin-prohibited", ProbeLab.Router6, IcmpSender.Router),
        new("IPv6: the gateway drops", "connect_timeout", H6 + ":7031", Silent) { Expect = p => p.OwnFilterDrops == true },
        new("IPv6: the gateway rejects: prohibited", "gateway_connect_denied", H6 + ":7033", Denied, "admin-prohibited", ProbeLab.Gateway6, IcmpSender.Own),
        new("IPv6: the gateway resets", "connect_refused", H6 + ":7036", Refused) { Expect = p => p is { RefusedAtHops: 1, HostAtHops: 2 } },
        new("IPv6: the host behind the router is off", "connect_timeout", "[fd90:2::77]:80", Unreachable, "host-unreachable", ProbeLab.Router6, IcmpSender.Router),
        new("IPv6: the host on the link is off", "connect_timeout", "[fd90:3::77]:80", Unreachable, "host-unreachable", "fd90:3::1", IcmpSender.Own) { Expect = p => p.Neighbour is "FAILED" or "INCOMPLETE" },
        new("IPv6: no route", "network_unreachable", "[fd98::1]:80", NoWay) { Expect = p => p is { NoRoute: true, RouteErrno: NoWay } },
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_fault_of_the_network_is_seen_for_what_it_is(bool unprivileged)
    {
        await using var probe = await ProbeChild.StartAsync(lab, unprivileged);
        var wrong = new List<string>();
        foreach (var fault in s_cases)
        {
            var result = await probe.LookAsync(fault.Cause, fault.Address, fault.Address[..fault.Address.LastIndexOf(':')] + ":7000");
            var line = $"{fault.Name}: {Describe(result)}";
            output.WriteLine(line);
            if (!fault.Holds(result, unprivileged)) wrong.Add(line);
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_user_who_may_not_ping_is_told_so_and_one_who_may_pings()
    {
        await using var probe = await ProbeChild.StartAsync(lab, unprivileged: true);
        await lab.SetAsync("-g", "echo '1 0' >/proc/sys/net/ipv4/ping_group_range");
        var without = await probe.LookAsync("connect_timeout", H + ":7001");
        Assert.Null(without.Path!.Pinged);
        Assert.Contains(without.NotSeen, spot => spot.Why.Contains("ping_group_range", StringComparison.Ordinal));

        await lab.SetAsync("-g", "echo '0 65535' >/proc/sys/net/ipv4/ping_group_range");
        var with = await probe.LookAsync("connect_timeout", H + ":7001");
        await lab.SetAsync("-g", "echo '1 0' >/proc/sys/net/ipv4/ping_group_range");
        Assert.True(with.Path!.Pinged);
        Assert.Empty(with.NotSeen);
    }

    private static string Describe(ProbeResult result)
    {
        var (connect, path) = (result.Addresses[0], result.Path!);
        var how = connect.Connected ? "accepted" : connect.TimedOut ? "silent" : $"errno {connect.Errno}";
        var icmp = path.Icmp is { } seen ? $" icmp={seen.Name} from {seen.Sender} ({seen.From})" : "";
        var route = path.NoRoute ? $" no route ({path.RouteErrno})" : $" route={path.Route} neighbour={path.Neighbour ?? path.NextHopNeighbour}";
        return string.Create(CultureInfo.InvariantCulture, $"{how} in {result.DurationMs:0} ms{icmp}{route} alive={path.HostAlive} ping={path.Pinged} other={path.OtherPortAnswers} last hop={path.LastHop} refused@{path.RefusedAtHops} host@{path.HostAtHops} own filter={path.OwnFilterDrops}");
    }

    private sealed record Case(string Name, string Cause, string Address, int Outcome, string? Icmp = null, string? Sender = null, IcmpSender From = default)
    {
        public Func<PathFacts, bool> Expect { get; init; } = _ => true;

        public bool Holds(ProbeResult result, bool unprivileged)
        {
            if (result is not { Addresses: [var connect, ..], Path: { } path } || result.DurationMs > 3900) return false;
            var outcome = connect.Connected ? Accepted : connect.TimedOut ? Silent : connect.Errno;
            if (outcome != Outcome || (unprivileged && path.Pinged is not null)) return false;
            if (Icmp is not null && (path.Icmp is not { } seen || (seen.Name, seen.Sender, seen.From) != (Icmp, Sender, From))) return false;
            return Expect(path);
        }
    }
}
