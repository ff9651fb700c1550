using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Configuration;

internal static class ConfigurationServices
{
    /// <summary>The configuration in force, and its hot reload. YARP takes its routes from here: no <c>LoadFromConfig</c> beside it.</summary>
    public static IServiceCollection AddGatewayConfiguration(
        this IServiceCollection services, ConfigResult loaded, GatewayRunOptions options, IReadOnlyList<KeyValuePair<string, string>> environment)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ConfigOrigin(loaded.File, environment, options.Listen, loaded.ContentHash));
        services.AddSingleton(provider => new GatewaySettingsSource(
            loaded.Settings ?? throw new InvalidOperationException("An invalid configuration cannot be run."),
            provider.GetRequiredService<ILogger<GatewaySettingsSource>>()));
        services.AddSingleton<IGatewaySettingsSource>(provider => provider.GetRequiredService<GatewaySettingsSource>());
        services.AddSingleton(_ => new RouteSource(loaded.Routes, loaded.Clusters));
        services.AddSingleton<IProxyConfigProvider>(provider => provider.GetRequiredService<RouteSource>());
        services.AddSingleton(provider =>
        {
            var status = new ConfigStatus();
            status.Loaded(loaded.File, provider.GetRequiredService<TimeProvider>().GetUtcNow());
            return status;
        });
        services.AddSingleton<ConfigReloader>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigReloader>());
        services.AddHostedService<ReloadOnHangup>();
        return services;
    }
}

/// <summary>SIGHUP reloads, as it does for nginx and HAProxy.</summary>
internal sealed class ReloadOnHangup(ConfigReloader reloader, ILogger<ReloadOnHangup> logger) : IHostedService, IDisposable
{
    private PosixSignalRegistration? _registration;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsWindows())
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnHangup);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => Interlocked.Exchange(ref _registration, null)?.Dispose();

    private void OnHangup(PosixSignalContext context)
    {
        // Otherwise the runtime ends the process.
        context.Cancel = true;
        _ = ReloadAsync();
    }

    private async Task ReloadAsync()
    {
        try
        {
            await reloader.ReloadAsync();
        }
        catch (Exception e)
        {
            logger.LogError(e, "The configuration could not be looked at; the one in force stays.");
        }
    }
}
