using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>The guard of each cluster. It lives as long as YARP's own state of the cluster, over changes of the configuration.</summary>
internal sealed class ClusterGuards(TimeProvider clock)
{
    private readonly ConditionalWeakTable<ClusterState, ClusterGuard> _guards = [];

    public ClusterGuard Of(ClusterState cluster) => _guards.TryGetValue(cluster, out var known) ? known : _guards.GetValue(cluster, _ => new ClusterGuard(clock));

    /// <summary>A failure has been classified and told: whoever is turned away because of it is told the same.</summary>
    public void Learn(HttpContext context, string destination, string cause, string incident, string id)
    {
        if (context.Features.Get<IReverseProxyFeature>()?.Route.Cluster is { } cluster) Of(cluster).Circuits.Learn(destination, cause, incident, id);
    }
}
