namespace ProxyGate.Gateway.Incidents;

/// <summary>Failures with the same route, destination and cause, as they stand at one moment.</summary>
internal sealed record Incident
{
    public required string Id { get; init; }

    /// <summary>Absent when no route was found.</summary>
    public string? Route { get; init; }

    /// <summary>Absent when no destination was chosen, or when it has no part in the failure (the client's own faults).</summary>
    public string? Destination { get; init; }

    public required string Cause { get; init; }

    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public required long Count { get; init; }

    /// <summary>How many of them another attempt saved.</summary>
    public long Saved { get; init; }

    /// <summary>When this destination last answered well before the incident began; absent when never since the start.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When it answered well again; absent while the incident is open, and when it only fell silent.</summary>
    public DateTimeOffset? RecoveredAt { get; init; }

    public required bool IsOpen { get; init; }
}
