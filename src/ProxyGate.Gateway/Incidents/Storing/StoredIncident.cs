using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

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

/// <summary>Failures of a storm that one line stands for.</summary>
/// <param name="Incident">Theirs, and the line's.</param>
/// <param name="Line">The failure whose line it is.</param>
/// <param name="Time">The line's.</param>
/// <param name="Count">How many the line stands for, itself with them.</param>
/// <param name="Ids">As <see cref="Counting.FoldedIds"/> has them; fewer than the count where they did not fit.</param>
internal sealed record FoldedFailures(string Incident, string Line, DateTimeOffset Time, long Count, byte[] Ids);

/// <summary>What is written at once: all of it or nothing.</summary>
internal sealed record StoreBatch(IReadOnlyList<StoredIncident> Incidents, IReadOnlyList<FailureEvent> Failures, IReadOnlyList<KeptFinding> Findings)
{
    public IReadOnlyList<FoldedFailures> Folded { get; init; } = [];

    public OutboxChange Outbox { get; init; } = OutboxChange.None;

    public bool IsEmpty => Incidents.Count == 0 && Failures.Count == 0 && Findings.Count == 0 && Folded.Count == 0 && Outbox.IsEmpty;
}
