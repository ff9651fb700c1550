using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The way between ProxyGate and the app.</summary>
internal static class NetworkRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["firewall_drop"] = new(
            s =>
            [
                Step("From here: is the machine alive, and does the port answer?"),
                $"ping -c 3 {Shell.Operand(s.Ip)}",
                Checks.Connect(s),
                .. Checks.Listener(s),
                Step("There, the rules that may drop it:"),
                "nft list ruleset",
                "ufw status verbose",
            ],
            s => Open(s)),
        ["firewall_reject"] = new(
            s => [Checks.Connect(s), Step($"On {Seen.Short(s.Ip)}, or on a firewall in between: which rules are there?"), "nft list ruleset", "firewall-cmd --list-all", "ufw status verbose"],
            s => Open(s)),
        ["egress_rule"] = new(
            s => [Step("The rules for what leaves this machine (chains with hook output):"), "nft list ruleset", "iptables -S OUTPUT", Checks.Connect(s)],
            s => [Step($"Allow outgoing connections to {Seen.Short(s.Ip)} port {Checks.Port(s)} in the rule that stops them.")]),
        ["no_route"] = new(
            s => [$"ip route get {Shell.Operand(s.Ip)}", "ip route", "ip -br addr"],
            s =>
            [
                Step("An interface that is DOWN, or a missing default route, is the usual reason: mend it in the machine's network settings."),
                Step("In Docker or Kubernetes: put ProxyGate on the network the app is on."),
            ]),
        ["host_down"] = new(
            s => [$"ip neigh show {Shell.Operand(s.Ip)}", $"ping -c 3 {Shell.Operand(s.Ip)}", .. s.Destination.IsLiteral ? [] : new[] { Step("Has the name another address now?"), Checks.Resolve(s) }],
            s => [Step($"Switch the machine {Seen.Short(s.Ip)} on. If it has another address now:"), .. ChangeAddress(s, "to the new one")]),
        ["packets_lost"] = new(
            s => [$"ping -c 20 -i 0.2 {Shell.Operand(s.Ip)}", Step("Connections to it, with retransmits (retrans) and what is unconfirmed (unacked):"), $"ss -tni dst {Shell.Operand(s.Ip)}", Checks.SlowCurl(s)],
            s => [Step("Look at what lies between: a firewall that forgets connections, an overloaded link, a wrong route back."), $"ip route get {Shell.Operand(s.Ip)}"]),
        ["packets_too_large"] = new(
            s => [Step("Does a packet of full size pass, and which size does?"), $"ping -c 2 -M do -s 1472 {Shell.Operand(s.Ip)}", $"ping -c 2 -M do -s 1372 {Shell.Operand(s.Ip)}", "ip -br link"],
            s => [Step("Make the MTU of the interface (in Docker: of the network, com.docker.network.driver.mtu) as small as the tunnel's, or let ICMP \"fragmentation needed\" through.")]),
        ["conntrack_full"] = new(
            s => ["sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max", "journalctl -k --since '-1 h' --no-pager | grep -F nf_conntrack"],
            s => [Change("doubles the usual size of the table until the next start of the machine"), "sysctl -w net.netfilter.nf_conntrack_max=524288", Step("Keep it with a line in /etc/sysctl.d/. Fewer short connections help for good.")]),
        ["middlebox_cut"] = new(
            s => [Step("Here, and then on the app's own machine: does it fail there, too?"), Checks.Curl(s), Step("What lies between?"), $"tracepath {Shell.Operand(s.Ip)}"],
            s => [Step("Look into the log of what lies between (load balancer, firewall, port forwarder): its idle time limit should be longer than the app's and ProxyGate's.")]),
        ["selinux"] = new(
            s => [Step("Enforcing, and a line of this moment that names proxygate, means yes:"), "getenforce", "ausearch -m avc -ts recent", "journalctl -k --since '-1 h' --no-pager | grep -F 'apparmor=\"DENIED\"'"],
            s => [Change("lets web servers and proxies make network connections, for good"), "setsebool -P httpd_can_network_connect 1"]),
        ["unit_sandbox"] = new(
            s => ["systemctl show proxygate -p IPAddressDeny -p IPAddressAllow -p RestrictAddressFamilies -p SystemCallFilter", Step("In Kubernetes:"), "kubectl get networkpolicy -A"],
            s => [Step($"Allow {Seen.Short(s.Ip)} in the unit: IPAddressAllow={Seen.Short(s.Ip)} (systemctl edit proxygate), or in the policy.")]),
        ["not_same_network"] = new(
            s =>
            [
                Step("Docker: which containers are on which network? ProxyGate and the app must share one."),
                "docker network inspect $(docker network ls -q) --format '{{.Name}}: {{range .Containers}}{{.Name}} {{end}}'",
                Step("Kubernetes: in which namespace is the service? One of another namespace needs its longer name, service.namespace.svc:"),
                s.App.Service is null ? "kubectl get services -A -o wide" : $"kubectl get services -A --field-selector metadata.name={s.App.Service}",
            ],
            s =>
            [
                Change($"connects the app's container to the network of ProxyGate (put in the network's name for NETWORK{(s.App.ContainerName == AppPlace.Unknown ? " and the container's for APP" : "")})"),
                $"docker network connect NETWORK {s.App.ContainerName}",
                Step("Keep it by naming the network for both in the compose file."),
            ]),
    };

    private static IEnumerable<string> Open(Seen s) =>
    [
        Step($"On {Seen.Short(s.Ip)} (or in the cloud's security group), allow TCP port {Checks.Port(s)} from ProxyGate's machine, with the tool that is in use there."),
        Change($"opens port {Checks.Port(s)} in ufw for one address (put in ProxyGate's for GATEWAY)"),
        $"ufw allow proto tcp from GATEWAY to any port {Checks.Port(s)}",
        Change($"opens port {Checks.Port(s)} in firewalld for one address (put in ProxyGate's for GATEWAY)"),
        $"firewall-cmd --add-rich-rule='rule family=ipv4 source address=GATEWAY port port={Checks.Port(s)} protocol=tcp accept'",
    ];
}
