namespace ProxyGate.Diagnostics.Events;

/// <summary>What happened to an incident.</summary>
public enum IncidentMoment
{
    /// <summary>Its first failure, or the first after a recovery that did not last.</summary>
    Opened,

    /// <summary>It became much more frequent, or stopped being saved by other attempts.</summary>
    Worsened,

    Recovered,
}

/// <summary>Word of an incident for whoever is on call (schema <c>proxygate.incident/1</c>): the body of a webhook.</summary>
public sealed record IncidentEvent
{
    public const string SchemaName = "proxygate.incident/1";

    public required DateTimeOffset Time { get; init; }

    public required IncidentMoment Moment { get; init; }

    /// <summary>Why it is told, as a sentence.</summary>
    public required string Reason { get; init; }

    public required Incident Incident { get; init; }

    /// <summary>Where a recovery is told: how long this outage lasted.</summary>
    public TimeSpan? OutageDowntime { get; init; }
}
