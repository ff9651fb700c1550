namespace ProxyGate.Gateway.Health;

/// <summary>Why a destination is thought ill: what was seen, in the same terms as a failed request.</summary>
/// <param name="Cause">The cause's id.</param>
/// <param name="Words">One sentence with the real values. Operators only.</param>
/// <param name="At">When it was seen.</param>
/// <param name="Status">The status a check got, when that was it.</param>
internal sealed record HealthReason(string Cause, string Words, DateTimeOffset At, int? Status = null);

internal enum HealthState
{
    /// <summary>Not asked yet, or nobody asks.</summary>
    Unknown,
    Healthy,
    Unhealthy,
}

internal enum HealthChange
{
    None,
    Down,
    Up,
}

/// <summary>How one destination does, at one moment.</summary>
internal sealed record DestinationReport
{
    public required string Cluster { get; init; }

    public required string Destination { get; init; }

    /// <summary>As the configuration has it.</summary>
    public required string Address { get; init; }

    public required HealthState State { get; init; }

    /// <summary>Whether requests may go there now: an unhealthy one may, when too few are healthy.</summary>
    public required bool Available { get; init; }

    /// <summary>Why it is out of use; absent when it is not.</summary>
    public HealthReason? Reason { get; init; }

    /// <summary>Whether requests told it (<c>true</c>) or a check (<c>false</c>).</summary>
    public bool ByRequests { get; init; }

    /// <summary>Since when it is in this state; absent before the first check.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? LastProbe { get; init; }

    public double? LastProbeMs { get; init; }

    /// <summary>Why the last check failed, also where that was not enough to take it out of use.</summary>
    public HealthReason? LastFailure { get; init; }

    /// <summary>Good checks that are still needed to use it again; 0 where none are.</summary>
    public int GoodChecksNeeded { get; init; }

    /// <summary>The part of its full share it gets, below 1 only during slow start.</summary>
    public double Share { get; init; } = 1;

    /// <summary>How often it went down within the time that is held against it.</summary>
    public int RecentDowns { get; init; }
}
