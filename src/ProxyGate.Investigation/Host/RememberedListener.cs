using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Deaths;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host;

/// <summary>Who listened at a destination when it was last looked at: what tells afterwards whether it ended, and as what.</summary>
internal sealed record RememberedListener
{
    public required ProcessFacts Facts { get; init; }

    /// <summary>With the number, this is the process and no other.</summary>
    public required long StartTicks { get; init; }

    public required CgroupPlace Cgroup { get; init; }

    /// <summary>All processes that held the listener: a server and its workers.</summary>
    public IReadOnlySet<int> Holders { get; init; } = new HashSet<int>();

    /// <summary>What tells each of them from a later process with its number.</summary>
    public IReadOnlyDictionary<int, ProcStat> Stats { get; init; } = new Dictionary<int, ProcStat>();

    /// <summary>Whether nobody but the holders was in the group whose memory is counted: then a kill there was of one of them.</summary>
    public bool AloneInGroup { get; init; }

    /// <summary>The files its output went to, and how long they were.</summary>
    public IReadOnlyList<LogPlace> Logs { get; init; } = [];

    /// <summary>The threads of the process: the kernel names a crash by its thread.</summary>
    public IReadOnlySet<int> Threads { get; init; } = new HashSet<int>();

    public MemoryGroup? Memory { get; init; }

    /// <summary>A process in the destination's network, when that is a container's.</summary>
    public bool InContainer { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>
    /// Whether a report of the kernel is on one of its processes. A number is used again: unless the process is still the one remembered,
    /// the report has to call it by its name. A crash is reported under the number of a thread, whose name is not known.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="now">What a process number stands for now; absent when for none.</param>
    public bool IsReported(KernelEvent report, Func<int, ProcStat?> now)
    {
        var was = Stats.GetValueOrDefault(report.Pid);
        var (name, start) = was is not null ? (was.Name, was.StartTicks) : (Facts.Name, StartTicks);
        if (report.Pid == Facts.Pid || Holders.Contains(report.Pid)) return report.Name == name || now(report.Pid)?.StartTicks == start;
        return !report.OutOfMemory && Threads.Contains(report.Pid) && (now(Facts.Pid) is not { IsDead: false } living || living.StartTicks != StartTicks);
    }

    public bool IsSame(int pid, long startTicks) => Facts.Pid == pid && StartTicks == startTicks;
}
