using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents;

/// <summary>What happened to an incident, to be told.</summary>
/// <param name="Moment">What.</param>
/// <param name="Incident">As it stood then.</param>
/// <param name="Reason">As a sentence.</param>
/// <param name="Outage">The outage that ended, for a recovery.</param>
internal sealed record IncidentChange(IncidentMoment Moment, Incident Incident, string Reason, EndedOutage? Outage = null)
{
    public IncidentFacts Facts => new()
    {
        Id = Incident.Id,
        Gateway = Incident.Gateway,
        Route = Incident.Route,
        Cluster = Incident.Cluster,
        Destination = Incident.Destination,
        Cause = Incident.Cause,
        FirstSeen = Incident.FirstSeen,
        LastSeen = Incident.LastSeen,
        Count = Incident.Count,
        Saved = Incident.Saved,
        LastSuccess = Incident.LastSuccess,
        RecoveredAt = Incident.RecoveredAt,
        Downtime = Incident.Downtime,
        Flaps = Incident.Flaps,
        Sentence = Incident.Sentence,
        Hint = Incident.Hint,
    };
}
