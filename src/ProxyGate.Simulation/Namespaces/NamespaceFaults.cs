namespace ProxyGate.Simulation.Namespaces;

/// <summary>Faults made of routes, packet filters and a resolver in namespaces of their own.</summary>
internal static class NamespaceFaults
{
    /// <summary>What the upstream's machine does with packets, by port.</summary>
    internal const string UpstreamRules = """
        table inet faults {
          chain input {
            type filter hook input priority 0; policy accept;
            tcp dport 7011 drop
            tcp dport 7012 reject with icmpx port-unreachable
            tcp dport 7013 reject with icmpx admin-prohibited
            tcp dport 7014 reject with icmpx host-unreachable
            tcp dport 7015 reject with icmp net-unreachable
            tcp dport 7016 reject with tcp reset
          }
        }
        """;

    /// <summary>What the gateway's own machine does with packets, by port.</summary>
    internal const string GatewayRules = """
        table inet faults {
          chain output {
            type filter hook output priority 0; policy accept;
            tcp dport 7017 drop
            tcp dport 7018 reject with icmpx admin-prohibited
          }
        }
        """;

    internal static IReadOnlyList<Fault> Names { get; } =
        [new NotFound(), new NxDomain(), new NoData(), new ServerFailure(), new ResolverRefuses(), new ResolverSilent()];

    internal static IReadOnlyList<Fault> Connections { get; } =
    [
        new SynDropped(), new PortUnreachable(), new AdminProhibited(), new HostUnreachable(), new NetUnreachable(), new FirewallReset(),
        new EgressDropped(), new EgressRejected(), new HostDown(), new NoRoute(), new RouteUnreachable(), new RouteProhibited(), new RouteBlackhole(),
    ];

    private abstract class InLab(string id, string family, string summary, string destination, FaultExpectation expect)
        : Fault(id, family, summary, expect)
    {
        public sealed override bool RequiresNamespace => true;

        public sealed override string? CannotRunBecause(FaultEnvironment environment) => NamespaceLab.ImpossibleBecause();

        public sealed override async Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var lab = await environment.LabAsync(cancellationToken);
            return new RunningFault(this, destination, FaultClusterSettings.Default) { Namespace = lab.GatewayNamespace };
        }
    }

    /// <summary>The one name fault that needs nothing: RFC 6761 reserves the top-level domain.</summary>
    private sealed class NotFound() : Fault("name-not-found", FaultFamily.Name,
        "Its host name does not exist (.invalid).", Expects.DnsNotFound.OrElse(
            "On a machine without a working resolver the look-up itself fails.", Expects.DnsFailed, Expects.DnsTimeout))
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken) =>
            Task.FromResult(new RunningFault(this, "http://no-such-host.invalid", FaultClusterSettings.Default));
    }

    private sealed class NxDomain() : InLab("dns-nxdomain", FaultFamily.Name,
        "The resolver says that the name does not exist.", "http://nx.fault.test", Expects.DnsNotFound);

    private sealed class NoData() : InLab("dns-no-data", FaultFamily.Name,
        "The name exists, but has no address.", "http://nodata.fault.test", Expects.DnsNotFound);

    private sealed class ServerFailure() : InLab("dns-server-failure", FaultFamily.Name,
        "The resolver fails (SERVFAIL).", "http://servfail.fault.test", Expects.DnsFailed);

    private sealed class ResolverRefuses() : InLab("dns-refused", FaultFamily.Name,
        "The resolver refuses to answer (REFUSED).", "http://refused.fault.test", Expects.DnsFailed);

    private sealed class ResolverSilent() : InLab("dns-silent", FaultFamily.Name,
        "The resolver never answers.", "http://timeout.fault.test", Expects.DnsTimeout);

    private abstract class Blocked(string id, string summary, int port, FaultExpectation expect)
        : InLab(id, FaultFamily.Connect, summary, $"http://{NamespaceLab.Upstream}:{port}", expect);

    private sealed class SynDropped() : Blocked("net-dropped", "A firewall in front of it drops every packet.", 7011, Expects.ConnectTimeout);

    private sealed class PortUnreachable() : Blocked("net-port-unreachable",
        "A firewall answers that the port is unreachable.", 7012, Expects.ConnectRefused);

    private sealed class AdminProhibited() : Blocked("net-admin-prohibited",
        "A firewall answers that the connection is prohibited.", 7013, Expects.HostUnreachable);

    private sealed class HostUnreachable() : Blocked("net-host-unreachable", "A router answers that the host is unreachable.", 7014, Expects.HostUnreachable);

    private sealed class NetUnreachable() : Blocked("net-net-unreachable",
        "A router answers that the network is unreachable.", 7015, Expects.NetworkUnreachable);

    private sealed class FirewallReset() : Blocked("net-firewall-reset", "A firewall answers with a TCP reset.", 7016, Expects.ConnectRefused);

    private sealed class EgressDropped() : Blocked("net-egress-dropped",
        "The gateway's own firewall drops what it sends.", 7017, Expects.ConnectTimeout.OrElse(
            "Linux may tell the sender at once (EPERM).", Expects.ConnectDenied));

    private sealed class EgressRejected() : Blocked("net-egress-rejected",
        "The gateway's own firewall rejects what it sends.", 7018, Expects.HostUnreachable);

    private sealed class HostDown() : InLab("net-host-down", FaultFamily.Connect,
        "Its machine is off: nobody answers to its address on the link.", "http://10.99.0.77:80", Expects.ConnectTimeout.OrElse(
            "The kernel gives up after 3 s; a shorter limit of ours comes first.", Expects.HostUnreachable));

    private sealed class NoRoute() : InLab("net-no-route", FaultFamily.Connect,
        "The gateway has no route to its network.", "http://10.98.0.1:80", Expects.NetworkUnreachable);

    private sealed class RouteUnreachable() : InLab("net-route-unreachable", FaultFamily.Connect,
        "The gateway's route says unreachable.", "http://10.97.0.1:80", Expects.HostUnreachable);

    private sealed class RouteProhibited() : InLab("net-route-prohibited", FaultFamily.Connect,
        "The gateway's route says prohibited.", "http://10.96.0.1:80", Expects.ConnectDenied);

    private sealed class RouteBlackhole() : InLab("net-route-blackhole", FaultFamily.Connect,
        "The gateway's route leads into a black hole.", "http://10.95.0.1:80", Expects.NetworkUnreachable.OrElse(
            "The kernel calls it an invalid argument (EINVAL).", Expects.HostUnreachable));
}
