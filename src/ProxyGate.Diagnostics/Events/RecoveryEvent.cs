namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// A destination answers well again and stayed so (schema <c>proxygate.recovery/1</c>): one record for the end of each outage of an incident.
/// </summary>
public sealed record RecoveryEvent
{
    public const string SchemaName = "proxygate.recovery/1";

    /// <summary>When it is written: some seconds after the recovery, because it had to last.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>As it stands after this outage. Its recovery time is present.</summary>
    public required Incident Incident { get; init; }

    /// <summary>The first failure of this outage.</summary>
    public required DateTimeOffset DownSince { get; init; }

    /// <summary>From the first failure of this outage to the first good answer after its last; measured by a clock that nobody sets.</summary>
    public required TimeSpan Downtime { get; init; }

    /// <summary>How many requests failed in it, as far as they belong to this incident.</summary>
    public required long Failures { get; init; }
}
