using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>An incident on its way to a store or from it. Counts are whole and not differences, so that writing one twice does no harm.</summary>
internal sealed record StoredIncident
{
    public required Incident Incident { get; init; }

    /// <summary>Whether it speaks against route and destination.</summary>
    public bool Blames { get; init; } = true;

    public bool ReachedApp { get; init; }

    /// <summary>To the store: the minutes that changed. From it: all.</summary>
    public IReadOnlyList<MinuteCount> Minutes { get; init; } = [];

    public IReadOnlyList<Outage> Outages { get; init; } = [];

    public Affected Paths { get; init; } = Affected.None;

    public Affected Clients { get; init; } = Affected.None;

    public IncidentKey Key => new(new Place(Incident.Route, Incident.Destination), Incident.Cause);
}

/// <summary>What a look found, with the failure it was taken for.</summary>
internal sealed record KeptFinding(FindingEvent Finding, FailureEvent Failure);

/// <summary>What is written at once: all of it or nothing.</summary>
internal sealed record StoreBatch(IReadOnlyList<StoredIncident> Incidents, IReadOnlyList<FailureEvent> Failures, IReadOnlyList<KeptFinding> Findings)
{
    public bool IsEmpty => Incidents.Count == 0 && Failures.Count == 0 && Findings.Count == 0;
}
