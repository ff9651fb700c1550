using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Forwarding.Direct;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace ProxyGate.Gateway.Forwarding;

internal static class ForwardingServices
{
    /// <summary>Puts our upstream client and recorder under YARP. Call after <c>AddReverseProxy</c>.</summary>
    public static IServiceCollection AddForwarding(this IServiceCollection services)
    {
        var yarp = services.Single(d => d.ServiceType == typeof(IHttpForwarder));
        services.Remove(yarp);
        services.TryAddSingleton<DrainState>();
        services.TryAddSingleton<NameChanges>();
        services.AddSingleton<RoutePlans>();
        services.AddSingleton<RoutesInForce>();
        services.AddSingleton<ITransformProvider>(provider => provider.GetRequiredService<RoutePlans>());
        services.AddSingleton<IHttpForwarder>(provider => new RecordingForwarder(
            (IHttpForwarder)ActivatorUtilities.CreateInstance(provider, yarp.ImplementationType!),
            provider.GetRequiredService<IGatewaySettingsSource>(),
            provider.GetRequiredService<RoutePlans>(),
            provider.GetRequiredService<DrainState>(),
            provider.GetRequiredService<TimeProvider>()));
        services.Replace(ServiceDescriptor.Singleton<IForwarderHttpClientFactory, UpstreamClientFactory>());
        return services;
    }

    /// <summary>The last step: to the upstream, without YARP's forwarder where it is not needed.</summary>
    public static IReverseProxyApplicationBuilder UseDirectForwarding(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<DirectStep>();
        return proxy;
    }
}
