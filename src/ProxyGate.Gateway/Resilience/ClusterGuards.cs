using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>The guard of each cluster. It lives as long as YARP's own state of the cluster, over changes of the configuration.</summary>
internal sealed class ClusterGuards(TimeProvider clock)
{
    private readonly ConditionalWeakTable<ClusterState, ClusterGuard> _guards = [];

    public ClusterGuard Of(ClusterState cluster) => _guards.TryGetValue(cluster, out var known) ? known : _guards.GetValue(cluster, _ => new ClusterGuard(clock));
}
