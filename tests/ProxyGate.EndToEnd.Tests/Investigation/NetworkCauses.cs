using ProxyGate.Investigation.Tests.Probing.Network;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>A fault of the network: where the destination is, and what must be made of it.</summary>
internal sealed record NetworkCause(string Fault, string Address, string[] Causes, string Hint, string Confidence)
{
    public string[] Truth { get; init; } = [];

    public string[] Never { get; init; } = [];

    /// <summary>Runs before the others, by itself: what it shows is counted for all connections together.</summary>
    public bool Alone { get; init; }

    /// <summary>What goes wrong after a first good answer.</summary>
    public Func<NetworkStand, Task>? Break { get; init; }

    /// <summary>What happens while the request is under way.</summary>
    public Func<NetworkStand, Task>? InRequest { get; init; }

    /// <summary>The request has a body, so that it is not sent again.</summary>
    public bool Upload { get; init; }

    /// <summary>The next request does not fail in the same way.</summary>
    public bool Once { get; init; }

    public RootCause Row => new(Fault, Causes, "", Hint, Confidence, _ => throw new NotSupportedException()) { Never = Never };
}

/// <summary>Firewalls on the host, the router and the gateway's own machine; machines that are off; routes; name servers; a cut path; a race.</summary>
internal static class NetworkCauses
{
    private const string Host = ProbeLab.Host, OnLink = ProbeLab.OnLink, Router = ProbeLab.Router;

    private static readonly string[] s_silent = ["connect_timeout"], s_refused = ["connect_refused"], s_unreachable = ["host_unreachable"];
    private static readonly string[] s_firewalls = ["firewall_reject", "firewall_drop", "egress_rule"];

    public static IReadOnlyList<NetworkCause> All { get; } =
    [
        new("firewall on the host drops", At(Host, 7011), s_silent, "firewall_drop", "likely") { Truth = [$"{Host} answers ping"], Never = ["egress_rule", "host_down"] },
        new("firewall on the host rejects: port unreachable", At(Host, 7012), s_refused, "firewall_reject", "proved") { Truth = [$"\"port-unreachable\" from the app's machine {Host}"], Never = ["app_down"] },
        new("firewall on the host rejects: prohibited", At(Host, 7013), s_unreachable, "firewall_reject", "proved") { Truth = [$"\"admin-prohibited\" from the app's machine {Host}"] },
        new("firewall on the host rejects: host unreachable", At(Host, 7014), s_unreachable, "firewall_reject", "proved") { Truth = [$"\"host-unreachable\" from the app's machine {Host}"], Never = ["host_down"] },
        new("firewall on the host resets (looks like no app)", At(Host, 7016), s_refused, "app_down", "possible") { Never = s_firewalls },
        new("no app on the host (looks like a reset)", At(Host, 7001), s_refused, "app_down", "possible") { Never = s_firewalls },
        new("firewall on the router drops", At(Host, 7021), s_silent, "firewall_drop", "likely") { Truth = [$"{Host} answers ping"], Never = ["egress_rule", "host_down"] },
        new("firewall on the router rejects: port unreachable", At(Host, 7022), s_refused, "firewall_reject", "proved") { Truth = [$"\"port-unreachable\" from a router or firewall on the way, {Router}"] },
        new("firewall on the router rejects: prohibited", At(Host, 7023), s_unreachable, "firewall_reject", "proved") { Truth = [$"\"admin-prohibited\" from a router or firewall on the way, {Router}"] },
        new("firewall on the router rejects: host unreachable", At(Host, 7024), s_unreachable, "firewall_reject", "likely") { Truth = [$"{Router}", $"And yet {Host}"], Never = ["host_down"] },
        new("firewall on the router resets (looks like no app)", At(Host, 7026), s_refused, "app_down", "possible") { Never = s_firewalls },
        new("own firewall drops", At(Host, 7031), s_silent, "egress_rule", "proved") { Truth = ["TCPRetransFail"], Never = ["firewall_drop", "host_down"], Alone = true },
        new("own firewall rejects: prohibited", At(Host, 7033), s_unreachable, "egress_rule", "proved") { Truth = [$"\"admin-prohibited\" from this machine's own address {ProbeLab.Gateway}"] },
        new("own firewall rejects: host unreachable", At(Host, 7034), s_unreachable, "egress_rule", "proved") { Truth = [$"\"host-unreachable\" from this machine's own address {ProbeLab.Gateway}"], Never = ["host_down"] },
        new("own firewall resets", At(Host, 7036), s_refused, "firewall_reject", "likely") { Truth = ["may travel 1 hop is refused already", "2 hops away"], Never = ["app_down"] },
        new("host off, behind the router", At("10.90.2.77", 80), s_silent, "host_down", "likely") { Truth = [$"\"host-unreachable\" from a router or firewall on the way, {Router}"] },
        new("host off, on the same link", At("10.90.3.77", 80), s_silent, "host_down", "proved") { Truth = ["10.90.3.77"] },
        new("router off", At("10.94.0.1", 80), s_silent, "no_route", "proved") { Truth = ["the router's address 10.90.3.99"], Never = ["host_down"] },
        new("router without a way", At("10.93.0.1", 80), ["network_unreachable", "connect_timeout"], "no_route", "proved") { Truth = [$"\"net-unreachable\" from a router or firewall on the way, {Router}"] },
        new("no route", At("10.98.0.1", 80), ["network_unreachable"], "no_route", "proved"),
        new("unreachable route", At("10.97.0.1", 80), s_unreachable, "no_route", "proved"),
        new("prohibited route", At("10.96.0.1", 80), ["gateway_connect_denied"], "no_route", "proved"),
        new("blackhole route", At("10.95.0.1", 80), ["network_unreachable", "host_unreachable"], "no_route", "proved"),
        new("host drops everything (looks like off)", At("10.90.2.9", 80), s_silent, "host_down", "possible") { Never = ["egress_rule"] },
        new("firewall on a host of the same link drops", At(OnLink, 7011), s_silent, "firewall_drop", "likely") { Truth = [$"{OnLink} answers ping"], Never = ["egress_rule", "host_down"] },
        new("path cut after the connect", At(Host, 7041), ["response_timeout"], "packets_lost", "likely") { Truth = ["sent again"], Never = ["slow_request"] },
        new("app on 127.0.0.1 only", At(ProbeLab.Gateway, 8300), s_refused, "app_bound_to_loopback", "proved") { Truth = ["port 8300 is open on 127.0.0.1:8300 and not on 10.90.1.1:8300"] },
        new("name does not exist (NXDOMAIN)", Named("nx"), ["dns_not_found"], "name_misspelled", "proved") { Truth = ["NXDOMAIN"] },
        new("name without an address (NODATA)", Named("nodata"), ["dns_not_found"], "name_without_address", "proved") { Truth = ["has no such address"] },
        new("name server fails (SERVFAIL)", Named("servfail"), ["dns_failed"], "dns_server_failing", "likely") { Truth = ["SERVFAIL"] },
        new("name server refuses (REFUSED)", Named("refused"), ["dns_failed"], "dns_server_failing", "proved") { Truth = ["REFUSED"] },
        new("name server silent", Named("silent"), ["dns_timeout"], "dns_server_failing", "proved") { Truth = ["no answer within"] },
        new("name leads elsewhere now", "http://app.lab.test:8100", s_silent, "stale_dns", "proved")
        {
            Break = stand => stand.Lab.SetAsync("-u", "nft add rule inet faults input tcp dport 8100 drop"),
            InRequest = stand => stand.MoveNameAsync(),
            Truth = ["stood for 10.90.2.2; now for 10.90.3.2"],
            Once = true,
        },
        new("keep-alive of Node ends as a request is sent", At(OnLink, 8200), ["stale_connection"], "keepalive_race", "likely")
        {
            // Node closes the unused connection (half a second, and a second of grace in newer versions), and its word of that is lost on the
            // way: what is sent then meets a closed door.
            Break = _ => Task.Delay(2500),
            Truth = ["Request number 2 on a reused connection"],
            Never = ["restarted", "crashed", "app_down"],
            Upload = true,
            Once = true,
        },
    ];

    private static string At(string address, int port) => $"http://{address}:{port}";

    private static string Named(string label) => $"http://{label}.lab.test:80";
}
