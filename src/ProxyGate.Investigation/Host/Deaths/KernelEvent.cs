namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>The end of a process as the kernel reported it.</summary>
internal sealed record KernelEvent
{
    public required TimeSpan SinceBoot { get; init; }

    /// <summary>The process; of a fault, the thread.</summary>
    public required int Pid { get; init; }

    public required string Name { get; init; }

    public required bool OutOfMemory { get; init; }

    /// <summary>The group the process was in.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The memory limit that was hit, in bytes; absent when the machine itself had no memory left.</summary>
    public long? MemoryLimit { get; init; }

    public int? Signal { get; init; }

    public required string Line { get; init; }
}
