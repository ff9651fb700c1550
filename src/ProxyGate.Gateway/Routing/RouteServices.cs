using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Routing;

internal static class RouteServices
{
    /// <summary>The routes and clusters in force, and those that were.</summary>
    public static IServiceCollection AddRoutes(this IServiceCollection services, IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
    {
        services.AddSingleton(new RouteSource(routes, clusters));
        services.AddSingleton(static provider =>
        {
            var history = new RouteHistory(provider.GetRequiredService<IProxyStateLookup>());
            provider.GetRequiredService<RouteSource>().TakingOver += history.Remember;
            return history;
        });
        return services;
    }

    /// <summary>Before everything else in YARP's pipeline.</summary>
    public static IReverseProxyApplicationBuilder UsePastRoutes(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<PastRouteMiddleware>();
        return proxy;
    }
}
