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

    /// <summary>The threads of the process: the kernel names a crash by its thread.</summary>
    public IReadOnlySet<int> Threads { get; init; } = new HashSet<int>();

    public MemoryGroup? Memory { get; init; }

    /// <summary>A process in the destination's network, when that is a container's.</summary>
    public bool InContainer { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public bool Holds(int pid, bool process) => pid == Facts.Pid || Holders.Contains(pid) || (!process && Threads.Contains(pid));

    public bool IsSame(int pid, long startTicks) => Facts.Pid == pid && StartTicks == startTicks;
}
