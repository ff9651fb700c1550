using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace ProxyGate.Gateway.Resilience;

internal static class ResilienceServices
{
    public static IServiceCollection AddResilience(this IServiceCollection services) => services.AddSingleton<ClusterGuards>();

    /// <summary>Before load balancing.</summary>
    public static IReverseProxyApplicationBuilder UseResilience(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<RetryMiddleware>();
        return proxy;
    }
}
