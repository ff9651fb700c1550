namespace ProxyGate.Gateway.Resilience;

/// <summary>How many of a cluster's destinations have as many requests as they may: nearly always none, and then nobody looks for them.</summary>
internal sealed class FullGates
{
    private int _count;

    public bool Any => Volatile.Read(ref _count) > 0;

    public void Changed(bool full) => _ = full ? Interlocked.Increment(ref _count) : Interlocked.Decrement(ref _count);
}
