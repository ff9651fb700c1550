using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>Samples on their way to the store. Bounded: what does not fit is counted as dropped; the incidents' counts do not suffer.</summary>
internal sealed class SampleQueue
{
    private const int MostWaiting = 2000;

    private readonly ConcurrentQueue<FailureEvent> _failures = new();
    private readonly ConcurrentQueue<KeptFinding> _findings = new();
    private int _waiting;
    private long _dropped;

    /// <summary>Failures that were counted but not kept.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Offer(FailureEvent failure)
    {
        if (HasRoom()) _failures.Enqueue(failure);
        else CountDropped();
    }

    public void Offer(KeptFinding finding)
    {
        if (HasRoom()) _findings.Enqueue(finding);
    }

    public void CountDropped() => Interlocked.Increment(ref _dropped);

    public (IReadOnlyList<FailureEvent> Failures, IReadOnlyList<KeptFinding> Findings) Take()
    {
        if (Volatile.Read(ref _waiting) == 0) return ([], []);
        var failures = new List<FailureEvent>();
        while (_failures.TryDequeue(out var failure)) failures.Add(failure);
        var findings = new List<KeptFinding>();
        while (_findings.TryDequeue(out var finding)) findings.Add(finding);
        Interlocked.Add(ref _waiting, -failures.Count - findings.Count);
        return (failures, findings);
    }

    private bool HasRoom()
    {
        if (Interlocked.Increment(ref _waiting) <= MostWaiting) return true;
        Interlocked.Decrement(ref _waiting);
        return false;
    }
}
