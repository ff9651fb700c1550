using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Health;

internal static class HealthServices
{
    /// <summary>Puts our judgement of destinations in the place of YARP's. Call after <c>AddReverseProxy</c>.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddSingleton(static provider =>
        {
            var settings = provider.GetRequiredService<IGatewaySettingsSource>();
            var register = new HealthRegister(
                settings, provider.GetRequiredService<GatewayMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HealthRegister>>())
            {
                // Asked for only when something changes: YARP's updater itself asks our policies, and they the register.
                Rebuild = cluster => provider.GetRequiredService<IClusterDestinationsUpdater>().UpdateAvailableDestinations(cluster),
            };
            settings.Changed += _ => register.RebuildAll();
            return register;
        });
        services.AddSingleton<IClusterChangeListener>(provider => provider.GetRequiredService<HealthRegister>());
        foreach (var yarp in services.Where(d => d.ServiceType == typeof(IAvailableDestinationsPolicy)).ToList()) services.Remove(yarp);
        Add(UsableDestinations.HealthyAndUnknown, panicUnlessSet: 0);
        // Less than one in a hundred: none.
        Add(UsableDestinations.HealthyOrPanic, panicUnlessSet: 1);
        return services;

        void Add(string name, int panicUnlessSet) => services.AddSingleton<IAvailableDestinationsPolicy>(provider => new UsableDestinations(
            name, panicUnlessSet, provider.GetRequiredService<HealthRegister>(), provider.GetRequiredService<IGatewaySettingsSource>()));
    }

    public static IReverseProxyApplicationBuilder UseSlowStart(this IReverseProxyApplicationBuilder proxy)
    {
        proxy.UseMiddleware<SlowStart>();
        return proxy;
    }
}
