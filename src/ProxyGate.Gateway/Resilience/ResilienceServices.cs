using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ProxyGate.Gateway.Resilience;

internal static class ResilienceServices
{
    public static IServiceCollection AddResilience(this IServiceCollection services) => services.AddSingleton<ClusterGuards>().AddSingleton<OverloadLimit>();

    /// <summary>Before load balancing: circuits and further attempts.</summary>
    public static IReverseProxyApplicationBuilder UseResilience(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<ResilienceMiddleware>();
        return proxy;
    }

    /// <summary>After load balancing: how much each destination gets at once.</summary>
    public static IReverseProxyApplicationBuilder UseConcurrencyLimits(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<ConcurrencyMiddleware>();
        return proxy;
    }
}
