namespace ProxyGate.Diagnostics.Events;

/// <summary>An incident as it is told to others: in the event log, to webhooks and to OpenTelemetry. Texts are raw; the writers clean them.</summary>
public sealed record IncidentFacts
{
    public required string Id { get; init; }

    /// <summary>The gateway that saw it.</summary>
    public required string Gateway { get; init; }

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public required string Cause { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    /// <summary>The last failure.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Exact.</summary>
    public required long Count { get; init; }

    public long Saved { get; init; }

    public DateTimeOffset? LastSuccess { get; init; }

    public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>All its outages added up.</summary>
    public TimeSpan Downtime { get; init; }

    /// <summary>How often it recovered and then failed again soon.</summary>
    public int Flaps { get; init; }

    /// <summary>The newest sample's sentence, with the real values. Operators only.</summary>
    public string? Sentence { get; init; }

    /// <summary>The id of the newest sample's first hint.</summary>
    public string? Hint { get; init; }
}
