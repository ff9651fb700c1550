using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Investigation.Probing.Names;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Names;

internal static class NameServices
{
    /// <summary>Keeps the destinations' names, and hands YARP the routes with them. Needs the <see cref="Routing.RouteSource"/>.</summary>
    public static IServiceCollection AddNames(this IServiceCollection services)
    {
        services.TryAddSingleton<NameChanges>();
        services.TryAddSingleton<NameLookUp>(static provider => new NameQuery(provider.GetRequiredService<TimeProvider>()).AskAsync);
        services.AddSingleton<NameKeeper>();
        services.AddHostedService(static provider => provider.GetRequiredService<NameKeeper>());
        services.AddSingleton<IProxyConfigProvider, ResolvedRoutes>();
        return services;
    }
}
