using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents;

internal static class IncidentServices
{
    /// <summary>Needs the settings, the event log and logging.</summary>
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new IncidentTracker(
            provider.GetRequiredService<TimeProvider>(), linesPerSecond: provider.GetRequiredService<IGatewaySettingsSource>().Current.Events.LinesPerSecond));
        services.TryAddSingleton<SampleQueue>();
        services.TryAddSingleton<FailureIntake>();
        services.TryAddSingleton<ChangeFeed>();
        services.TryAddSingleton(_ => new MemoryStore());
        services.TryAddSingleton<IncidentArchive>();
        services.TryAddSingleton<IIncidentArchive>(provider => provider.GetRequiredService<IncidentArchive>());
        services.TryAddSingleton<StoreKeeper>();
        services.TryAddSingleton<WebhookSender>();
        services.TryAddSingleton<IncidentWriter>();
        // Stopped in the other order: what the writer tells at the end is still sent.
        services.AddHostedService(provider => provider.GetRequiredService<WebhookSender>());
        services.AddHostedService(provider => provider.GetRequiredService<IncidentWriter>());
        return services;
    }
}
