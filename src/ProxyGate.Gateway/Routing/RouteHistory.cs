using System.Runtime.CompilerServices;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Routing;

/// <summary>
/// Where routes led that a newer configuration changed. YARP changes a cluster in place, and before the routes that lead to it: a request routed a
/// moment before would meet destinations that belong to another route by now. Each request keeps to the configuration it was routed by.
/// </summary>
internal sealed class RouteHistory(IProxyStateLookup proxy)
{
    // As long as a request holds the route, and no longer.
    private readonly ConditionalWeakTable<RouteModel, PastCluster> _past = [];
    private volatile bool _any;

    /// <summary>To be called before YARP hears of the routes to come.</summary>
    public void Remember(IReadOnlyList<RouteConfig> coming)
    {
        var next = coming.ToDictionary(r => r.RouteId, StringComparer.OrdinalIgnoreCase);
        foreach (var route in proxy.GetRoutes())
        {
            if (route.Cluster is not { } cluster || (next.TryGetValue(route.Config.RouteId, out var same) && same.Equals(route.Config))) continue;
            var state = cluster.DestinationsState;
            // The first is kept: what a cluster holds when yet another configuration comes is not what the route led to.
            _past.TryAdd(route, new PastCluster(cluster.Model, state.AllDestinations, state.AvailableDestinations));
            _any = true;
        }
    }

    /// <summary>Where the route led while it was in force; nothing when it still is.</summary>
    private PastCluster? Of(RouteModel route) => _any && _past.TryGetValue(route, out var past) ? past : null;

    /// <summary>What a request of this route is given: where the route led, and not what its cluster has by now, when it changed a moment ago.</summary>
    public ReverseProxyFeature FeatureOf(RouteModel route)
    {
        // The cluster first: a change that comes in between has been remembered before it changes the cluster.
        var (model, state) = (route.Cluster!.Model, route.Cluster.DestinationsState);
        return Of(route) is { } past
            ? Feature(route, past.Model, past.AllDestinations, past.AvailableDestinations)
            : Feature(route, model, state.AllDestinations, state.AvailableDestinations);
    }

    private static ReverseProxyFeature Feature(RouteModel route, ClusterModel cluster, IReadOnlyList<DestinationState> all, IReadOnlyList<DestinationState> available) =>
        new() { Route = route, Cluster = cluster, AllDestinations = all, AvailableDestinations = available };

    /// <summary>The destinations in use now that a request of this route may go to.</summary>
    public IReadOnlyList<DestinationState> InUse(RouteModel route)
    {
        var now = route.Cluster!.DestinationsState.AvailableDestinations;
        return Of(route)?.AvailableDestinations ?? now;
    }
}

/// <summary>A cluster as it was.</summary>
internal sealed record PastCluster(ClusterModel Model, IReadOnlyList<DestinationState> AllDestinations, IReadOnlyList<DestinationState> AvailableDestinations);
