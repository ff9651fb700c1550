using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ProxyGate.Gateway.EventLog;

internal static class EventLogServices
{
    /// <summary>The failure event log, the access log and the metrics. Needs the settings, a <see cref="TimeProvider"/> and logging.</summary>
    public static IServiceCollection AddEventLog(this IServiceCollection services)
    {
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ConsoleLog(provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<FailureEventLog>();
        services.TryAddSingleton<AccessLog>();
        services.TryAddSingleton(provider =>
        {
            var metrics = ActivatorUtilities.CreateInstance<GatewayMetrics>(provider);
            var events = provider.GetRequiredService<FailureEventLog>();
            var access = provider.GetRequiredService<AccessLog>();
            var console = provider.GetRequiredService<ConsoleLog>();
            metrics.ObserveDropped(() => [("events", events.Dropped), ("access", access.Dropped), ("console", console.Writer.Dropped)]);
            return metrics;
        });
        return services;
    }
}
