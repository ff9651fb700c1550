using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents;

internal static class IncidentServices
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new IncidentTracker(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<RecentFailures>();
        services.TryAddSingleton<ChangeFeed>();
        services.TryAddSingleton<FailureIntake>();
        services.TryAddSingleton<IIncidentArchive, MemoryArchive>();
        return services;
    }
}
