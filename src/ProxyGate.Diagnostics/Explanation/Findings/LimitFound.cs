using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>Limits of this machine that are reached, and a health check that asks the wrong question.</summary>
internal static class LimitFound
{
    /// <summary>Counters move while they are read.</summary>
    private const double Nearly = 0.95;

    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Facts.Limits is { } limits)
        {
            if (look.Cause == CauseId.GatewayPortsExhausted && Reached(limits.PortsInUse, limits.PortRange))
            {
                yield return Found(
                    "ephemeral_ports",
                    Confidence.Proved,
                    $"All local ports for connections to {look.Where} are in use.",
                    [Amounts.Invariant($"{limits.PortsInUse} of {limits.PortRange} local ports are in use towards {look.Where}")],
                    [$"ss -tan state time-wait dst {Shell.Word(look.Ip)} | wc -l", "sysctl net.ipv4.ip_local_port_range"],
                    [Step("Let the app keep connections open (keep-alive), or widen the range."), Step("sysctl -w net.ipv4.ip_local_port_range='10240 65535'")]);
            }

            if (look.Cause == CauseId.GatewayFdsExhausted && Reached(limits.OpenFiles, limits.OpenFileLimit))
            {
                yield return Found(
                    "fd_limit",
                    Confidence.Proved,
                    "ProxyGate's limit of open files is reached.",
                    [Amounts.Invariant($"ProxyGate has {limits.OpenFiles} files and connections open; its limit is {limits.OpenFileLimit}")],
                    ["grep 'open files' /proc/$(pidof -s proxygate)/limits"],
                    [Step("Under systemd raise LimitNOFILE= in the unit (systemctl edit proxygate), in Docker use --ulimit nofile=65536:65536.")]);
            }

            if (look.Cause is CauseId.ConnectTimeout or CauseId.GatewayConnectDenied && limits is { ConntrackCount: { } count, ConntrackLimit: > 0 and var most } && count >= most * Nearly)
            {
                yield return Found(
                    "conntrack_full",
                    Confidence.Likely,
                    "This machine's table of known connections is full; the kernel drops packets of new ones.",
                    [Amounts.Invariant($"{count} of {most} places in the connection tracking table are taken")],
                    ["sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max", "journalctl -k --no-pager --since '-1 h' | grep -F 'table full'"],
                    [Step("Raise it (it changes the running kernel):"), Step(Amounts.Invariant($"sysctl -w net.netfilter.nf_conntrack_max={most * 2}"))]);
            }
        }

        if (look.Cause == CauseId.NoHealthyDestination && look.Facts.Health is { Status: { } status and (401 or 403 or 404 or 405 or (>= 300 and < 400)) } health)
        {
            yield return Found(
                "health_path",
                Confidence.Proved,
                $"The health check asks the wrong question: {Seen.Short(health.Path)} answers with status {status}, so a working app counts as ill.",
                [Amounts.Invariant($"{Seen.Short(health.Path)} at {look.Where} answered with status {status} after {Amounts.Time(health.DurationMs)}")],
                [$"curl -sv -o /dev/null --max-time 5 {Shell.Word(look.Seen.Destination.Url(look.UsesTls ? "https" : "http").TrimEnd('/') + health.Path)}"],
                [Step("Set HealthCheck:Active:Path of the cluster to a path that answers 200 without signing in.")]);
        }
    }

    private static bool Reached(int? used, int? limit) => used is { } u && limit is > 0 and { } l && u >= l * Nearly;
}
