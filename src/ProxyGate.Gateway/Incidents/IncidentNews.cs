using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Counting;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents;

/// <summary>
/// What happened since the writer last asked: what is to be told, what is to be stored, which recoveries have yet to last, which events are
/// folded. Touched under the tracker's lock only; bounded by the incidents the tracker keeps.
/// </summary>
internal sealed class IncidentNews(SteadyTime time)
{
    /// <summary>Nobody takes them this late; the newest are of more use then.</summary>
    private const int MostChanges = 4 * IncidentTracker.MaxIncidents;

    private readonly Queue<(IncidentMoment Moment, IncidentState Incident, string Reason, EndedOutage? Outage)> _changes = new();
    private readonly Queue<IncidentState> _changed = new();
    private readonly List<IncidentState> _settling = [];
    private readonly List<IncidentState> _folding = [];

    public void Tell(IncidentMoment moment, IncidentState incident, string reason, EndedOutage? outage = null)
    {
        if (_changes.Count == MostChanges) _changes.Dequeue();
        _changes.Enqueue((moment, incident, reason, outage));
    }

    public void Changed(IncidentState incident)
    {
        if (incident.IsDirty) return;
        incident.IsDirty = true;
        _changed.Enqueue(incident);
    }

    /// <summary>A good answer closed it; whether it recovered is seen when that has lasted.</summary>
    public void Answered(IncidentState incident)
    {
        Changed(incident);
        if (!incident.IsSettling) _settling.Add(incident);
        incident.IsSettling = true;
    }

    public void Settle(IncidentState incident, long now, bool atOnce = false)
    {
        if (incident.Settle(now, time, atOnce) is not { } outage) return;
        Changed(incident);
        Tell(IncidentMoment.Recovered, incident, "The destination answers well again.", outage);
    }

    public void Folds(IncidentState incident)
    {
        if (!incident.IsListedFolding) _folding.Add(incident);
        incident.IsListedFolding = true;
    }

    public IReadOnlyList<FailureEvent> TakeFolded(long now, bool all)
    {
        if (_folding.Count == 0) return [];
        var lines = new List<FailureEvent>();
        for (var i = _folding.Count - 1; i >= 0; i--)
        {
            var incident = _folding[i];
            incident.TakeFolded(now, all, lines);
            if (incident.IsFolding) continue;
            incident.IsListedFolding = false;
            _folding.RemoveAt(i);
        }

        return lines;
    }

    public IReadOnlyList<IncidentChange> TakeChanges(string gateway, long now, bool stopping)
    {
        for (var i = _settling.Count - 1; i >= 0; i--)
        {
            var incident = _settling[i];
            Settle(incident, now, stopping);
            if (incident is { EndedAt: not null, IsSettled: false }) continue;
            incident.IsSettling = false;
            _settling.RemoveAt(i);
        }

        if (_changes.Count == 0) return [];
        IncidentChange[] taken = [.. _changes.Select(c => new IncidentChange(c.Moment, c.Incident.Now(time, gateway, now), c.Reason, c.Outage))];
        _changes.Clear();
        return taken;
    }

    public IReadOnlyList<StoredIncident> TakeChanged(string gateway, long now, int most)
    {
        if (_changed.Count == 0) return [];
        var taken = new StoredIncident[Math.Min(most, _changed.Count)];
        for (var i = 0; i < taken.Length; i++) taken[i] = _changed.Dequeue().Take(time, gateway, now);
        return taken;
    }
}
