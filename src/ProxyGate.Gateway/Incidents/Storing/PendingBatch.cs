using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// What waits for a store that cannot be written: each incident once, as it stands now, and as many samples as fit. So a store that was away for
/// an hour has the right counts a moment after it is back.
/// </summary>
internal sealed class PendingBatch(SampleQueue samples)
{
    private const int MostIncidents = 2 * IncidentTracker.MaxIncidents;
    private const int MostFailures = 2000;
    private const int MostFindings = 200;

    private readonly Dictionary<string, StoredIncident> _incidents = [];
    private readonly Queue<FailureEvent> _failures = new();
    private readonly Queue<KeptFinding> _findings = new();
    private readonly FoldedMemory _folded = new();
    private OutboxChange _outbox = OutboxChange.None;

    public bool IsEmpty => _incidents.Count == 0 && _failures.Count == 0 && _findings.Count == 0 && _folded.IsEmpty && _outbox.IsEmpty;

    public StoreBatch Now => new([.. _incidents.Values], [.. _failures], [.. _findings]) { Folded = _folded.All, Outbox = _outbox };

    public void Add(StoreBatch batch)
    {
        foreach (var incident in batch.Incidents) Add(incident);
        foreach (var failure in batch.Failures)
        {
            if (_failures.Count == MostFailures)
            {
                _failures.Dequeue();
                samples.CountDropped();
            }

            _failures.Enqueue(failure);
        }

        foreach (var finding in batch.Findings)
        {
            if (_findings.Count == MostFindings) _findings.Dequeue();
            _findings.Enqueue(finding);
        }

        foreach (var folded in batch.Folded) _folded.Add(folded);
        _outbox = _outbox.Then(batch.Outbox);
    }

    public void Clear()
    {
        _incidents.Clear();
        _failures.Clear();
        _findings.Clear();
        _folded.Clear();
        _outbox = OutboxChange.None;
    }

    private void Add(StoredIncident incident)
    {
        var id = incident.Incident.Id;
        if (_incidents.TryGetValue(id, out var before)) incident = incident with { Minutes = Joined(before.Minutes, incident.Minutes) };
        else if (_incidents.Count == MostIncidents) _incidents.Remove(_incidents.MinBy(i => i.Value.Incident.LastSeen).Key);
        _incidents[id] = incident;
    }

    private static IReadOnlyList<MinuteCount> Joined(IReadOnlyList<MinuteCount> before, IReadOnlyList<MinuteCount> now)
    {
        if (before.Count == 0) return now;
        var joined = before.ToDictionary(m => m.Minute, m => m.Count);
        foreach (var (minute, count) in now) joined[minute] = count;
        return [.. joined.Select(m => new MinuteCount(m.Key, m.Value))];
    }
}
