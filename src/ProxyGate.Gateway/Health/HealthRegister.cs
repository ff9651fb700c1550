using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;
using YarpHealth = Yarp.ReverseProxy.Model.DestinationHealth;

namespace ProxyGate.Gateway.Health;

/// <summary>
/// What is known of every destination's health, and why. The checks and the requests tell it; it tells YARP which destinations may be used,
/// and everybody else through <see cref="Snapshot"/>.
/// </summary>
internal sealed partial class HealthRegister(IGatewaySettingsSource settings, GatewayMetrics metrics, TimeProvider clock, ILogger<HealthRegister> logger) : IClusterChangeListener
{
    private readonly ConcurrentDictionary<string, ClusterState> _clusters = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<(string Cluster, string Destination, string Address), DestinationHealth> _known = new();
    private readonly Lock _warm = new();
    private volatile DestinationState[] _warming = [];
    private long _warmUntil;

    /// <summary>Rebuilds the list of a cluster's usable destinations.</summary>
    public Action<ClusterState> Rebuild { get; init; } = static _ => { };

    /// <summary>Whether a destination may be in its slow start: nearly always not, and asked on every request.</summary>
    public bool AnyWarming => Volatile.Read(ref _warmUntil) is var until && until != 0 && clock.GetTimestamp() < until;

    /// <summary>Those that may be in their slow start, so that nobody has to look at all the others.</summary>
    public IReadOnlyList<DestinationState> Warming => _warming;

    /// <summary>Every destination of every cluster, in the order of their names.</summary>
    public IReadOnlyList<DestinationReport> Snapshot() =>
        [.. _clusters.Values.OrderBy(c => c.ClusterId, StringComparer.Ordinal).SelectMany(Snapshot)];

    /// <summary>The destinations of one cluster; empty when there is no such cluster.</summary>
    public IReadOnlyList<DestinationReport> Snapshot(string cluster) => _clusters.TryGetValue(cluster, out var state) ? [.. Snapshot(state)] : [];

    public DestinationHealth Of(string cluster, DestinationState destination) => Of(cluster, destination.DestinationId, destination.Model.Config.Address);

    public DestinationHealth Of(string cluster, string destination, string address) => _known.GetOrAdd((cluster, destination, address), static _ => new DestinationHealth());

    /// <summary>A check has ended.</summary>
    public void Checked(ClusterState cluster, DestinationState destination, HealthReason? failure, double milliseconds)
    {
        metrics.Probed(cluster.ClusterId, failure is null ? "good" : "failed", milliseconds);
        var own = settings.Current.ForCluster(cluster.ClusterId).Health;
        var change = Of(cluster.ClusterId, destination).Checked(failure, milliseconds, clock.GetUtcNow(), own);
        Follow(cluster, destination, change, failure, own);
    }

    /// <summary>Too many requests failed there.</summary>
    public void FailedRequests(ClusterState cluster, DestinationState destination, HealthReason reason, TimeSpan outOfUse)
    {
        var own = settings.Current.ForCluster(cluster.ClusterId).Health;
        var health = Of(cluster.ClusterId, destination);
        var before = health.IsUnhealthy(heedChecks: false, heedRequests: true);
        var change = health.FailedRequests(reason, clock.GetUtcNow(), own);
        if (before) return;
        Follow(cluster, destination, change, reason, own);
        ITimer? timer = null;
        timer = clock.CreateTimer(
            _ =>
            {
                timer?.Dispose();
                Follow(cluster, destination, health.Reactivate(clock.GetUtcNow()), null, settings.Current.ForCluster(cluster.ClusterId).Health);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        timer.Change(outOfUse, Timeout.InfiniteTimeSpan);
    }

    public void OnClusterAdded(ClusterState cluster) => _clusters[cluster.ClusterId] = cluster;

    public void OnClusterChanged(ClusterState cluster)
    {
        _clusters[cluster.ClusterId] = cluster;
        var present = cluster.Destinations.Select(d => (d.Key, d.Value.Model.Config.Address)).ToHashSet();
        Forget(cluster.ClusterId, key => !present.Contains((key.Destination, key.Address)));
    }

    public void OnClusterRemoved(ClusterState cluster)
    {
        _clusters.TryRemove(cluster.ClusterId, out _);
        Forget(cluster.ClusterId, static _ => true);
    }

    /// <summary>Another panic threshold may be in force.</summary>
    public void RebuildAll()
    {
        foreach (var cluster in _clusters.Values) Rebuild(cluster);
    }

    private void Forget(string cluster, Predicate<(string Cluster, string Destination, string Address)> gone)
    {
        foreach (var key in _known.Keys)
        {
            if (key.Cluster == cluster && gone(key)) _known.TryRemove(key, out _);
        }
    }

    private void Follow(ClusterState cluster, DestinationState destination, HealthChange change, HealthReason? reason, HealthSettings own)
    {
        // YARP's own marks follow, for whoever reads them.
        var health = Of(cluster.ClusterId, destination);
        destination.Health.Active = Mark(health.IsUnhealthy(heedChecks: true, heedRequests: false));
        destination.Health.Passive = Mark(health.IsUnhealthy(heedChecks: false, heedRequests: true));
        if (change == HealthChange.None) return;
        metrics.HealthChanged(cluster.ClusterId, destination.DestinationId, change == HealthChange.Down ? "unhealthy" : "healthy", reason?.Cause);
        if (change == HealthChange.Down) LogDown(destination.DestinationId, cluster.ClusterId, reason!.Cause, reason.Words);
        else
        {
            LogUp(destination.DestinationId, cluster.ClusterId);
            Warms(destination, own.SlowStart);
        }

        Rebuild(cluster);
    }

    private void Warms(DestinationState destination, TimeSpan slowStart)
    {
        lock (_warm)
        {
            var until = clock.GetTimestamp() + (long)(slowStart.TotalSeconds * clock.TimestampFrequency);
            // When none warms any more, those that did are let go.
            _warming = AnyWarming ? [.. _warming.Where(w => w != destination), destination] : [destination];
            if (until > Volatile.Read(ref _warmUntil)) Volatile.Write(ref _warmUntil, until);
        }
    }

    private static YarpHealth Mark(bool unhealthy) => unhealthy ? YarpHealth.Unhealthy : YarpHealth.Unknown;

    private IEnumerable<DestinationReport> Snapshot(ClusterState cluster)
    {
        var (checks, requests) = Heeded(cluster.Model.Config);
        var own = settings.Current.ForCluster(cluster.ClusterId).Health;
        var state = cluster.DestinationsState;
        var now = clock.GetUtcNow();
        foreach (var destination in state.AllDestinations.OrderBy(d => d.DestinationId, StringComparer.Ordinal))
        {
            var place = new DestinationReport
            {
                Cluster = cluster.ClusterId,
                Destination = destination.DestinationId,
                Address = UnixDestinations.Display(destination.Model.Config.Address),
                State = HealthState.Unknown,
                Available = state.AvailableDestinations.Contains(destination),
            };
            yield return Of(cluster.ClusterId, destination).Report(place, checks, requests, now, own);
        }
    }

    /// <summary>Whose word counts in this cluster.</summary>
    public static (bool Checks, bool Requests) Heeded(Yarp.ReverseProxy.Configuration.ClusterConfig config) =>
        (config.HealthCheck?.Active?.Enabled == true, config.HealthCheck?.Passive?.Enabled == true);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Destination {Destination:l} of cluster {Cluster:l} is unhealthy and out of use: {Cause:l}. {Reason:l}")]
    private partial void LogDown(string destination, string cluster, string cause, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Destination {Destination:l} of cluster {Cluster:l} is used again.")]
    private partial void LogUp(string destination, string cluster);
}
