using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.LoadBalancing;

namespace ProxyGate.Gateway.Balancing;

internal static class BalancingServices
{
    /// <summary>The load-balancing policies beside YARP's.</summary>
    public static IServiceCollection AddBalancing(this IServiceCollection services)
    {
        services.AddSingleton<DestinationWeights>();
        services.AddSingleton<ILoadBalancingPolicy, WeightedRoundRobin>();
        services.AddSingleton<ILoadBalancingPolicy, WeightedLeastRequests>();
        services.AddSingleton<ILoadBalancingPolicy, ConsistentHash>();
        return services;
    }
}
