using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <param name="Event">What the kernel reported.</param>
/// <param name="At">When.</param>
/// <param name="InGroup">It is on another process of the app's control group.</param>
internal sealed record KernelReport(KernelEvent Event, DateTimeOffset At, bool InGroup);

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

    public static KernelReport? Find(Sight sight, IReadOnlyCollection<KernelEvent> events, RememberedListener before, CgroupPlace gateway)
    {
        var pids = Native.ReadLink(sight.Proc("self", "ns", "pid"), out _) is null or FirstPidNamespace;
        var groups = Native.ReadLink(sight.Proc("self", "ns", "cgroup"), out _) is null or FirstCgroupNamespace;
        if (!pids && !groups)
        {
            sight.Miss("which process the kernel log speaks of", "the gateway runs in a container and sees processes under other numbers");
            return null;
        }

        return Find(events, before, gateway, pids ? pid => ProcessReader.Stat(sight, pid) : null, groups, WallClock(sight));
    }

    /// <param name="events">The kernel's reports.</param>
    /// <param name="before">The process that served the destination.</param>
    /// <param name="gateway">The gateway's own groups.</param>
    /// <param name="now">What a process number stands for now; absent where the kernel's numbers are others than those seen here.</param>
    /// <param name="groupsMatch">Whether the kernel names groups as they are named here.</param>
    /// <param name="boot">When the clock of the log began.</param>
    internal static KernelReport? Find(
        IReadOnlyCollection<KernelEvent> events, RememberedListener before, CgroupPlace gateway, Func<int, ProcStat?>? now, bool groupsMatch, DateTimeOffset boot)
    {
        // A number is used again: only reports since the process was last seen speak of it, and before that it was alive.
        var from = before.LastSeen - s_slack;
        var late = events.Reverse().Where(r => boot + r.SinceBoot >= from).ToList();
        if (now is not null && late.Find(r => before.IsReported(r, now)) is { } own) return new KernelReport(own, boot + own.SinceBoot, InGroup: false);
        return groupsMatch && late.Find(r => r.OutOfMemory && before.Cgroup.IsApartFrom(gateway) && CgroupPlace.Within(r.Cgroup, before.Cgroup.Accounted!)) is { } group
            ? new KernelReport(group, boot + group.SinceBoot, InGroup: now is not null || !before.AloneInGroup)
            : null;
    }

    /// <summary>When the clock of the kernel log began. That clock stands still while the machine sleeps, as the monotonic one does.</summary>
    private static DateTimeOffset WallClock(Sight sight) =>
        sight.Time.GetUtcNow() - TimeSpan.FromSeconds((double)sight.Time.GetTimestamp() / sight.Time.TimestampFrequency);
}
