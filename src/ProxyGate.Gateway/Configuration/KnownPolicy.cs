using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Tells YARP's validator that the gateway has a load-balancing policy of this name. It judges a configuration; nothing is forwarded by it.</summary>
internal sealed class KnownPolicy(string name) : ILoadBalancingPolicy
{
    public string Name => name;

    public DestinationState PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations) =>
        throw new UnreachableException();
}
