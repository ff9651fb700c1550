using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents;

/// <summary>The last failures, for the admin listener. Bounded; the oldest goes first.</summary>
internal sealed class RecentFailures
{
    public const int Kept = 200;

    private readonly Lock _sync = new();
    private readonly FailureEvent?[] _ring = new FailureEvent?[Kept];
    private long _added;

    /// <summary>All that were added since the start.</summary>
    public long Total => Volatile.Read(ref _added);

    public void Add(FailureEvent e)
    {
        lock (_sync) _ring[_added++ % Kept] = e;
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<FailureEvent> Snapshot()
    {
        lock (_sync)
        {
            var count = (int)Math.Min(_added, Kept);
            var newest = new FailureEvent[count];
            for (var i = 0; i < count; i++) newest[i] = _ring[(_added - 1 - i) % Kept]!;
            return newest;
        }
    }
}
