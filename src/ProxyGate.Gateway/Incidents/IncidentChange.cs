using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents;

/// <summary>What happened to an incident, to be told.</summary>
/// <param name="Moment">What.</param>
/// <param name="Incident">As it stood then.</param>
/// <param name="Reason">As a sentence.</param>
/// <param name="Outage">The outage that ended, for a recovery.</param>
internal sealed record IncidentChange(IncidentMoment Moment, Incident Incident, string Reason, EndedOutage? Outage = null);
