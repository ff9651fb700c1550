namespace ProxyGate.Diagnostics.Events;

/// <summary>How an incident stands.</summary>
public enum IncidentStatus
{
    /// <summary>It fails, or has answered well again for too short a time to say that it recovered.</summary>
    Open,

    /// <summary>It answered well again and stayed so.</summary>
    Recovered,

    /// <summary>Nothing more was heard of it: it may have mended, or no request goes there any more.</summary>
    Quiet,
}

/// <summary>
/// Failures with the same route, destination and cause, as they stand at one moment: a line of the list, and what is told of it in the event log,
/// to webhooks and to OpenTelemetry. Whoever writes or shows the texts cleans and escapes them for the format.
/// </summary>
public sealed record Incident
{
    public required string Id { get; init; }

    /// <summary>The gateway that saw it; several may share one store.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>Absent when no route was found.</summary>
    public string? Route { get; init; }

    public string? Cluster { get; init; }

    /// <summary>Absent when no destination was chosen, or when it has no part in the failure (the client's own faults).</summary>
    public string? Destination { get; init; }

    public required string Cause { get; init; }

    public IncidentStatus Status { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>Exact, also where samples were thinned.</summary>
    public required long Count { get; init; }

    /// <summary>How many of them another attempt saved.</summary>
    public long Saved { get; init; }

    /// <summary>When this destination last answered well before the incident began; absent when never since the gateway's start.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When it answered well again; absent while it fails, and when it only fell silent.</summary>
    public DateTimeOffset? RecoveredAt { get; init; }

    /// <summary>How long it failed in all: from the first failure to the good answer after the last, every outage of it added up. Grows while it is open.</summary>
    public TimeSpan Downtime { get; init; }

    /// <summary>How often it recovered and then failed again soon: 0 for one plain outage.</summary>
    public int Flaps { get; init; }

    /// <summary>When it last grew worse: ten times as many failures a minute as before, or requests that are no longer saved.</summary>
    public DateTimeOffset? WorsenedAt { get; init; }

    /// <summary>The newest sample's sentence, with the real values. Operators only; absent before the first sample is kept.</summary>
    public string? Sentence { get; init; }

    /// <summary>The id of the newest sample's first hint.</summary>
    public string? Hint { get; init; }

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => Status == IncidentStatus.Open;
}
