using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the name and the connection.</summary>
internal static class ConnectHints
{
    /// <summary>A rejecting firewall answers at once; a host that is off is reported only after the address resolution gave up (about 3 s).</summary>
    private const double RejectedWithinMs = 5;
    private const double ResolutionGivesUpMs = 900;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is null) yield break;
        if (LocalhostIpv6(s) is { } localhost) yield return localhost;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.HostUnreachable when s.TellingTry is { } tried && Unreachable(s, tried) is { } hint:
                yield return hint;
                break;
            case CauseId.NetworkUnreachable when s.TellingTry is { } tried:
                yield return Hint(
                    "no_route",
                    Confidence.Proved,
                    $"This machine has no route to {s.Ip}.",
                    [Tried(tried)],
                    $"ip route get {Shell.Word(s.Ip)}",
                    "ip -br addr",
                    Shell.Step("In Docker or Kubernetes: is ProxyGate on the same network as the app?"));
                break;
            case CauseId.GatewayConnectDenied when s.TellingTry is { Errno: 13 } tried:
                yield return Hint(
                    "selinux",
                    Confidence.Possible,
                    "A security module such as SELinux does not let this program make network connections.",
                    [$"{Tried(tried)}: on a TCP connection \"permission denied\" comes from a security module or an outgoing firewall rule"],
                    "getenforce",
                    "ausearch -m avc -ts recent",
                    Shell.Step("If SELinux is it, this allows web servers to connect (it changes the system):"),
                    Shell.Step("setsebool -P httpd_can_network_connect 1"));
                break;
            case CauseId.GatewayPortsExhausted when s.TellingTry is { } tried:
                yield return Hint(
                    "ephemeral_ports",
                    Confidence.Likely,
                    $"All local ports for connections to {s.Where} are in use, most of them probably by connections just closed.",
                    [Tried(tried)],
                    $"ss -tan state time-wait dst {Shell.Word(s.Ip)} | wc -l",
                    "sysctl net.ipv4.ip_local_port_range",
                    Shell.Step("Let the app keep connections open (keep-alive), or widen the range."));
                break;
            case CauseId.GatewayFdsExhausted when s.TellingTry?.Errno is 23 or 24 || s.Attempt.Errno is 23 or 24:
                yield return Hint(
                    "fd_limit",
                    Confidence.Proved,
                    s.TellingTry?.Errno == 23 || s.Attempt.Errno == 23 ? "The whole machine is out of open files." : "ProxyGate's limit of open files is reached.",
                    [s.TellingTry is { } t ? Tried(t) : $"{Errnos.Symbol(s.Attempt.Errno ?? 24)} on opening a socket"],
                    "grep 'open files' /proc/$(pidof -s proxygate)/limits",
                    Shell.Step("Under systemd raise LimitNOFILE= in the unit (systemctl edit proxygate), in Docker use --ulimit nofile=65536:65536."));
                break;
            case CauseId.DnsNotFound when s.Attempt.Dns is { } dns && !dns.Host.TrimEnd('.').Contains('.', StringComparison.Ordinal):
                yield return Hint(
                    "not_same_network",
                    Confidence.Possible,
                    $"\"{s.Name}\" looks like the name of a container or service, and ProxyGate is not on the network where that name exists.",
                    [$"The name \"{s.Name}\" has no dot in it, as names of Docker and Kubernetes services do, and it does not resolve here"],
                    $"docker network ls --format '{{{{.Name}}}}' | xargs docker network inspect --format '{{{{.Name}}}}: {{{{range .Containers}}}}{{{{.Name}}}} {{{{end}}}}'",
                    $"kubectl get services --all-namespaces --field-selector metadata.name={Shell.Word(dns.Host)}",
                    Shell.Step("In Kubernetes, a service of another namespace needs its longer name: service.namespace.svc"));
                break;
            case CauseId.ListenBacklogFull when s.TellingTry is { Errno: 11 } tried:
                yield return Hint(
                    "worker_pool_full",
                    Confidence.Likely,
                    "All workers of the app are busy and its waiting line is full.",
                    [Tried(tried)],
                    "ss -lx",
                    Shell.Step("More workers (php-fpm: pm.max_children, gunicorn: --workers), or faster requests."));
                break;
            case CauseId.ProxyLoop:
                yield return Hint(
                    "loop",
                    Confidence.Proved,
                    "The destination's address leads back to ProxyGate itself.",
                    ["The request carries the mark this ProxyGate put on it when it forwarded it"],
                    "ss -ltnp | grep -F proxygate",
                    Shell.Step($"Change the address of destination \"{Seen.Short(s.Attempt.Destination)}\" to the app's own address and port."));
                break;
        }
    }

    private static Hint? Unreachable(Seen s, AddressTry tried) => tried switch
    {
        { DurationMs: <= RejectedWithinMs } => Hint(
            "firewall_reject",
            Confidence.Likely,
            $"A firewall rejects connections to {s.Where}: the answer came far too fast for a machine that is off.",
            [$"{Tried(tried)}; a machine that is off is reported only after seconds"],
            Shell.Step($"On {Seen.Short(s.Ip)}, or on a firewall in between: which rules are there?"),
            "nft list ruleset",
            "firewall-cmd --list-all"),
        { DurationMs: >= ResolutionGivesUpMs } => Hint(
            "host_down",
            Confidence.Likely,
            $"No machine has the address {s.Ip} on its network now: it is off, or the address has changed.",
            [$"{Tried(tried)}: nobody answered to the question who has this address"],
            $"ip neigh show {Shell.Word(s.Ip)}",
            $"ping -c 3 {Shell.Word(s.Ip)}"),
        _ => null,
    };

    /// <summary>The name gave addresses of both families, and they did not end alike.</summary>
    private static Hint? LocalhostIpv6(Seen s)
    {
        var tries = s.Attempt!.AddressesTried.Where(t => !t.Abandoned).ToArray();
        var v4 = tries.FirstOrDefault(t => Family(t) == AddressFamily.InterNetwork);
        var v6 = tries.FirstOrDefault(t => Family(t) == AddressFamily.InterNetworkV6);
        if (v4 is null || v6 is null || v4.Connected == v6.Connected) return null;
        var (good, bad) = v4.Connected ? (v4, v6) : (v6, v4);
        return Hint(
            "localhost_ipv6",
            Confidence.Proved,
            $"\"{s.Name}\" stands for an IPv4 and an IPv6 address, and only {Seen.Short(good.Address)} accepts connections. Every other program that tries {Seen.Short(bad.Address)} first will fail or wait.",
            [Tried(v4), Tried(v6)],
            Shell.Step($"Write the address that works into the configuration: {s.Attempt.DestinationUrl.Split("://")[0]}://{Seen.Short(good.Address)}"),
            Shell.Step("Or let the app listen on both (for instance on [::] instead of 127.0.0.1)."));
    }

    private static AddressFamily Family(AddressTry tried) => IPEndPoint.TryParse(tried.Address, out var e) ? e.AddressFamily : AddressFamily.Unknown;

    private static string Tried(AddressTry tried)
    {
        var result = tried.Connected ? "connected" : tried.TimedOut ? "no answer"
            : tried.Errno is { } errno ? $"{Errnos.Words(errno)} ({Errnos.Symbol(errno)})" : tried.Error?.ToString() ?? "failed";
        return $"{Seen.Short(tried.Address)}: {result} after {Amounts.Time(tried.DurationMs)}";
    }
}
