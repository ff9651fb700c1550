namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// What a reader of the event log needs of one line. Everything but the schema may be missing: the line may come from another version,
/// or from a pipeline that dropped properties. The text is as harmless as the writer left it; show it through <see cref="HostileText"/>.
/// </summary>
public sealed record FailureEventLine
{
    public DateTimeOffset? Time { get; init; }

    public string Id { get; init; } = "";

    public string Incident { get; init; } = "";

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public string Cause { get; init; } = "";

    public string Stage { get; init; } = "";

    public string Party { get; init; } = "";

    public int Status { get; init; }

    public bool Saved { get; init; }

    /// <summary>At least 1.</summary>
    public long Occurrences { get; init; } = 1;

    public double? DurationMs { get; init; }

    public string Method { get; init; } = "";

    public string Host { get; init; } = "";

    public string Path { get; init; } = "";

    public string ClientAddress { get; init; } = "";

    public int Attempts { get; init; }

    /// <summary>The address the last attempt reached or, when it reached none, tried last.</summary>
    public string? Address { get; init; }

    /// <summary>The id of the first hint.</summary>
    public string? Hint { get; init; }
}
