using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>
/// Finds the kernel's report on the very process that served the destination, by its number or its control group, in the time it can
/// have happened. A report on another process is never used, however near in time.
/// </summary>
internal static class KernelJoin
{
    /// <summary>The inode numbers of the first namespaces (include/linux/proc_ns.h). The kernel log speaks in their terms.</summary>
    private const string FirstPidNamespace = "pid:[4026531836]", FirstCgroupNamespace = "cgroup:[4026531835]";

    /// <summary>Clocks and the order of report and failure allow this much.</summary>
    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(2);

    public static (KernelEvent Event, DateTimeOffset At)? Find(Sight sight, IReadOnlyCollection<KernelEvent> events, RememberedListener before, CgroupPlace gateway)
    {
        var pids = Native.ReadLink(sight.Proc("self", "ns", "pid"), out _) is null or FirstPidNamespace;
        var groups = Native.ReadLink(sight.Proc("self", "ns", "cgroup"), out _) is null or FirstCgroupNamespace;
        if (!pids && !groups)
        {
            sight.Miss("which process the kernel log speaks of", "the gateway runs in a container and sees processes under other numbers");
            return null;
        }

        return Find(events, before, gateway, pids, groups, WallClock(sight));
    }

    internal static (KernelEvent Event, DateTimeOffset At)? Find(
        IReadOnlyCollection<KernelEvent> events, RememberedListener before, CgroupPlace gateway, bool pidsMatch, bool groupsMatch, DateTimeOffset boot)
    {
        // A number is used again: only reports since the process was last seen speak of it, and before that it was alive.
        var from = before.LastSeen - s_slack;
        foreach (var report in events.Reverse())
        {
            var at = boot + report.SinceBoot;
            if (at < from) continue;
            if (pidsMatch && before.Holds(report.Pid, report.OutOfMemory)) return (report, at);
            if (groupsMatch && report.OutOfMemory && before.Cgroup.IsApartFrom(gateway) && CgroupPlace.Within(report.Cgroup, before.Cgroup.Accounted!)) return (report, at);
        }

        return null;
    }

    /// <summary>When the clock of the kernel log began. That clock stands still while the machine sleeps, as the monotonic one does.</summary>
    private static DateTimeOffset WallClock(Sight sight) =>
        sight.Time.GetUtcNow() - TimeSpan.FromSeconds((double)sight.Time.GetTimestamp() / sight.Time.TimestampFrequency);
}
