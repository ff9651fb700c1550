using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Probing;

internal static class ProbingServices
{
    /// <summary>Puts our checks in the place of YARP's, which keep no reason. Call after <c>AddReverseProxy</c>.</summary>
    public static IServiceCollection AddProbing(this IServiceCollection services)
    {
        foreach (var yarp in services.Where(IsReplaced).ToList()) services.Remove(yarp);
        services.AddSingleton<HealthProber>();
        services.AddSingleton<IActiveHealthCheckMonitor>(provider => provider.GetRequiredService<HealthProber>());
        services.AddSingleton<IClusterChangeListener>(provider => provider.GetRequiredService<HealthProber>());
        services.AddSingleton<IPassiveHealthCheckPolicy, PassiveHealth>();
        return services;
    }

    /// <summary>YARP registers its monitor once by type and twice by way of it; the listener is told by its factory's home.</summary>
    private static bool IsReplaced(ServiceDescriptor service) =>
        service.ServiceType == typeof(IActiveHealthCheckMonitor)
        || service.ServiceType == typeof(IPassiveHealthCheckPolicy)
        || (service.ServiceType == typeof(IClusterChangeListener) && service.ImplementationFactory?.Method.Module.Assembly == typeof(IActiveHealthCheckMonitor).Assembly);
}
