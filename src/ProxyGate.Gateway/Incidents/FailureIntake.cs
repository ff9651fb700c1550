using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents;

/// <summary>Where a failure that has been counted and described goes on its way to the logs. Never waits.</summary>
internal sealed class FailureIntake(RecentFailures recent, IncidentTracker incidents, ChangeFeed feed)
{
    /// <summary>The event as it is to be written, or nothing when a later line stands for it.</summary>
    public FailureEvent? Take(FailureEvent e)
    {
        recent.Add(e);
        if (!feed.IsWatched) return e;
        feed.Publish(new ArchiveChange(ArchiveChangeKind.Failure, Failure: FailureEntries.Of(e, "")));
        if (incidents.Snapshot().FirstOrDefault(i => i.Id == e.Incident) is { } incident)
            feed.Publish(new ArchiveChange(incident.Count == 1 ? ArchiveChangeKind.Opened : ArchiveChangeKind.Updated, incident));
        return e;
    }
}
