using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>Load and time.</summary>
internal static class LoadRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["slow_request"] = new(
            s => [Checks.ByHand(s, "How long does it take by hand, without ProxyGate?"), Checks.SlowCurl(s), .. Checks.AppLog(s)],
            s => [Step($"Make the request faster (its log or a profiler shows where the time goes). If it is meant to take so long, raise {Setting(s, "Timeouts:FirstByte")}, for instance to \"180s\"."), CheckConfig(s)]),
        ["worker_pool_full"] = new(
            s =>
            [
                Step("Recv-Q is the length of the waiting line, Send-Q its limit. Equal means full:"),
                s.Destination.SocketPath is null ? $"ss -ltn 'sport = :{Checks.Port(s)}'" : "ss -lx",
                .. Checks.AppLog(s, "Does its log say that its workers are all busy?"),
            ],
            s => [Step("More workers (php-fpm: pm.max_children, gunicorn: --workers, Puma: workers and threads), or faster requests: often one slow kind of request holds all of them.")]),
        ["too_much_traffic"] = new(
            s => [Step("What comes in, and how busy is the machine?"), "ss -s", "top -b -n 1 | head -n 15", "proxygate events --since 10m"],
            s => [Step("Add destinations to the cluster, or limit what single visitors may ask for (a rate limit on the route).")]),
        ["limit_too_low"] = new(
            s => s.Failure.Cause.Id == CauseId.ListenBacklogFull
                ? [Step("Send-Q is the length of the line. The smaller of the app's own setting and this one counts:"), s.Destination.SocketPath is null ? $"ss -ltn 'sport = :{Checks.Port(s)}'" : "ss -lx", "sysctl net.core.somaxconn"]
                : [Step("Is there room left on this machine?"), "top -b -n 1 | head -n 15", "free -m", Step("What reached the limit?"), "proxygate events --since 1h"],
            s => s.Failure.Cause.Id == CauseId.ListenBacklogFull
                ? [Step("Raise the app's own setting first (php-fpm: listen.backlog, gunicorn: --backlog, Node: listen's backlog). Then:"), Change("raises the limit of all waiting lines until the next start of the machine"), "sysctl -w net.core.somaxconn=4096"]
                : [Step($"If what was refused is wanted, raise {Limit(s)}."), CheckConfig(s)]),
        ["ephemeral_ports"] = new(
            s => [Step("How many are in use towards it, and how many are there?"), $"ss -tanH dst {Shell.Operand(s.Ip)} | awk '{{ print $1 }}' | sort | uniq -c", "sysctl net.ipv4.ip_local_port_range"],
            s =>
            [
                Step("Let the app keep connections open between requests (keep-alive): that is what uses up ports when it does not."),
                Change("widens the range of local ports until the next start of the machine"),
                "sysctl -w net.ipv4.ip_local_port_range='15000 65000'",
            ]),
        ["fd_limit"] = new(
            s => [Step("The limit, and how many are open now:"), "grep 'open files' /proc/$(pidof -s proxygate)/limits", "ls /proc/$(pidof -s proxygate)/fd | wc -l", "cat /proc/sys/fs/file-nr"],
            s =>
            [
                Step("In Docker start ProxyGate with --ulimit nofile=65536:65536. Under systemd:"),
                Change("opens an editor for the unit: add [Service] and LimitNOFILE=65536"),
                "systemctl edit proxygate",
                Change("restarts ProxyGate; requests under way are finished first"),
                "systemctl restart proxygate",
            ]),
    };

    private static string Limit(Seen s) => s.Failure.Cause.Id switch
    {
        CauseId.ResponseTimeout => $"{Setting(s, "Timeouts:FirstByte")} (now {s.Limit})",
        CauseId.UpgradeIdleTimeout or CauseId.ResponseBodyStalled => $"{Setting(s, "Timeouts:Idle")} (now {s.Limit})",
        CauseId.ResponseHeadTooLarge => "ProxyGate:Limits:ResponseHeaders",
        CauseId.ClientBodyTimeout => "ProxyGate:Limits:RequestBodyIdle",
        CauseId.ClientReadTimeout => $"{Setting(s, "Timeouts:Total")} (now {s.Limit})",
        CauseId.ClientHeadTimeout => "ProxyGate:Limits:RequestHeadersTimeout",
        CauseId.ClientRequestTooLarge => s.Request.ClientFaultStatus == 431 ? "ProxyGate:Limits:RequestHeaders" : "ProxyGate:Limits:RequestBody",
        _ => "the limit that the first sentence names",
    };
}
