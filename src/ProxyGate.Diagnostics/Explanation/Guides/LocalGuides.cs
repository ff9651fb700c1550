using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>What this machine itself did not allow.</summary>
internal static class LocalGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.GatewayPortsExhausted] = new(
            "Each connection needs a free port number on ProxyGate's own machine, and none was left for this destination. The app was not contacted.",
            new("ephemeral_ports", "\"ss -tan state time-wait\" shows tens of thousands of connections to this one address: connections are opened and closed for every request."),
            new("slow_request", "The connections are open, not closing (state ESTABLISHED): a slow app holds tens of thousands of requests."),
            new("config_mistake", "It happens for every connection, also the first: the configured local address does not belong to this machine.")),
        [CauseId.GatewayFdsExhausted] = new(
            "ProxyGate's process (or the whole machine) may not open any more files or connections. The app was not contacted.",
            new("fd_limit", "The number of open files (ls /proc/PID/fd | wc -l) has reached \"Max open files\" in /proc/PID/limits, and that limit is low, such as 1024."),
            new("slow_request", "Most open files are connections to one destination that waits: a slow app fills the table."),
            new("too_much_traffic", "Most open files are connections of visitors, far more than usual."),
            new("gateway_bug", "The number of open files grows for hours and does not fall when traffic does.")),
        [CauseId.GatewayConnectDenied] = new(
            "ProxyGate's own machine did not allow it to make this connection. Nothing left the machine.",
            new("selinux", "SELinux or AppArmor is enforcing, and the audit log has a denial for proxygate at that moment; curl by hand works."),
            new("firewall_reject", "An outgoing rule of this machine's own firewall rejects the connection: \"nft list ruleset\" shows it in an output chain; curl by hand fails too."),
            new("unit_sandbox", "ProxyGate runs as a unit with IPAddressDeny= or RestrictAddressFamilies=, or in a container with a network policy.")),
    };
}
