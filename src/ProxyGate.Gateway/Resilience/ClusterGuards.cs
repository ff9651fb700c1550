using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>The guard of each cluster. It lives as long as YARP's own state of the cluster, over changes of the configuration.</summary>
internal sealed partial class ClusterGuards(IGatewaySettingsSource settings, TimeProvider clock, ILogger<ClusterGuards> logger)
{
    private readonly ConditionalWeakTable<ClusterState, ClusterGuard> _guards = [];

    /// <summary>Nearly always the one asked for before, where there are few.</summary>
    private volatile Last? _last;

    /// <summary>Raised when a circuit has opened or closed: cluster, destination, and whether it is open.</summary>
    public event Action<string, string, bool>? CircuitChanged;

    public ClusterGuard Of(ClusterState cluster)
    {
        var last = _last;
        if (last is not null && ReferenceEquals(last.Cluster, cluster)) return last.Guard;
        var guard = _guards.TryGetValue(cluster, out var known) ? known : _guards.GetValue(cluster, Make);
        _last = new Last(cluster, guard);
        return guard;
    }

    private ClusterGuard Make(ClusterState cluster)
    {
        var id = cluster.ClusterId;
        return new ClusterGuard(clock, (destination, open) =>
        {
            if (open) LogOpened(destination, id);
            else LogClosed(destination, id);
            CircuitChanged?.Invoke(id, destination, open);
        });
    }

    /// <summary>How it stands with every destination of these clusters.</summary>
    public IEnumerable<DestinationTraffic> Traffic(IEnumerable<ClusterState> clusters)
    {
        foreach (var cluster in clusters)
        {
            var guard = _guards.TryGetValue(cluster, out var known) ? known : null;
            foreach (var destination in cluster.DestinationsState.AllDestinations)
            {
                yield return new DestinationTraffic(
                    cluster.ClusterId, destination.DestinationId, guard?.Circuits.IsOpen(destination) ?? false, guard?.WaitingAt(destination.DestinationId) ?? 0);
            }
        }
    }

    private sealed record Last(ClusterState Cluster, ClusterGuard Guard);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Destination {Destination:l} of cluster {Cluster:l} keeps failing and is left alone until it answers a trial.")]
    private partial void LogOpened(string destination, string cluster);

    [LoggerMessage(Level = LogLevel.Information, Message = "Destination {Destination:l} of cluster {Cluster:l} answers again.")]
    private partial void LogClosed(string destination, string cluster);

    /// <summary>See <see cref="ClusterGuard.Learn"/>.</summary>
    public void Learn(HttpContext context, FailureEvent failure)
    {
        if (failure.Diagnosis.Failure.Attempt is null || ClusterOf(context) is not { } cluster) return;
        Of(cluster).Learn(failure, settings.Current.ForCluster(cluster.ClusterId).CircuitBreaker);
    }

    /// <summary>The last failure that was this destination's own, of the cluster that the request is routed to.</summary>
    public FailureEvent? LastFailure(HttpContext context, string destination) => ClusterOf(context) is { } cluster ? Of(cluster).LastFailure(destination) : null;

    private static ClusterState? ClusterOf(HttpContext context) => RequestRecord.Of(context)?.Proxy?.Route.Cluster;
}

/// <summary>How it stands with one destination.</summary>
/// <param name="CircuitOpen">Whether requests pass it by.</param>
/// <param name="Waiting">Requests that wait for their turn there.</param>
internal readonly record struct DestinationTraffic(string Cluster, string Destination, bool CircuitOpen, int Waiting);
