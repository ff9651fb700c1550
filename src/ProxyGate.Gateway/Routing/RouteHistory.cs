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
    public PastCluster? Of(RouteModel route) => _any && _past.TryGetValue(route, out var past) ? past : null;

    /// <summary>The destinations in use now that a request of this route may go to.</summary>
    public IReadOnlyList<DestinationState> InUse(RouteModel route) => Of(route)?.AvailableDestinations ?? route.Cluster!.DestinationsState.AvailableDestinations;
}

/// <summary>A cluster as it was.</summary>
internal sealed record PastCluster(ClusterModel Model, IReadOnlyList<DestinationState> AllDestinations, IReadOnlyList<DestinationState> AvailableDestinations)
{
    /// <summary>What a request of that route, which changed a moment ago, is given in the place of what its cluster has by now.</summary>
    public ReverseProxyFeature ToFeature(RouteModel route) => new() { Route = route, Cluster = Model, AllDestinations = AllDestinations, AvailableDestinations = AvailableDestinations };
}
