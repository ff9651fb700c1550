using System.Collections.Concurrent;

namespace ProxyGate.Gateway.Configuration;

/// <summary>When a request that failed is tried again. Only ever where it is safe; these are the bounds of that.</summary>
internal sealed record RetrySettings
{
    /// <summary>Tries in all, the first included; 1: none is tried again.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Retries of a cluster in percent of its requests; absent: no such bound.</summary>
    public int? BudgetPercent { get; init; } = 20;

    /// <summary>Retries of a cluster that are allowed every second whatever its traffic.</summary>
    public int BudgetPerSecond { get; init; } = 10;

    /// <summary>Bytes of a request's body kept to be sent again.</summary>
    public int BodyBuffer { get; init; } = 64 * 1024;

    /// <summary>The median wait before the same destination is tried a second time; it grows from there.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromMilliseconds(50);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a destination that could not be connected to is tried again when there is no other.</summary>
    public bool SameDestination { get; init; }

    /// <summary>Statuses of the app after which an idempotent request is tried again.</summary>
    public IReadOnlyList<int> OnStatus { get; init; } = [];
}

/// <summary>When a destination that keeps failing is left alone for a moment.</summary>
internal sealed record CircuitBreakerSettings
{
    public bool Enabled { get; init; } = true;

    /// <summary>The share of failures within <see cref="Window"/> that opens it, in percent.</summary>
    public int FailurePercent { get; init; } = 80;

    /// <summary>How many attempts must have been judged within <see cref="Window"/> before it may open.</summary>
    public int MinimumFailures { get; init; } = 5;

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long until the destination is tried again.</summary>
    public TimeSpan Break { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Statuses of the app that count as failures, too.</summary>
    public IReadOnlyList<int> OnStatus { get; init; } = [];
}

/// <summary>How much is sent to one destination at once.</summary>
internal sealed record ConcurrencySettings
{
    /// <summary>Requests under way at one destination; absent: no limit.</summary>
    public int? MaxPerDestination { get; init; }

    /// <summary>How many more may wait for their turn.</summary>
    public int Queue { get; init; } = 100;

    /// <summary>The longest wait, while the queue empties now and then.</summary>
    public TimeSpan QueueTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait while it does not: then there is more work than the destination can do.</summary>
    public TimeSpan QueueTarget { get; init; } = TimeSpan.FromMilliseconds(20);
}

/// <summary>How much the gateway as a whole takes on.</summary>
internal sealed record OverloadSettings
{
    /// <summary>Requests under way; absent: no limit.</summary>
    public int? MaxRequests { get; init; } = 20_000;
}

/// <summary>What a single route has otherwise than its cluster.</summary>
/// <param name="over">Puts the route's own limits over its cluster's.</param>
internal sealed class RouteSettings(Func<TimeoutSettings, TimeoutSettings> over)
{
    private readonly ConcurrentDictionary<TimeoutSettings, TimeoutSettings> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>As they are where the cluster has none of its own.</summary>
    public TimeoutSettings Timeouts { get; init; } = new();

    /// <summary>As they are with this cluster's.</summary>
    public TimeoutSettings Over(TimeoutSettings cluster) => _known.GetOrAdd(cluster, over);
}
