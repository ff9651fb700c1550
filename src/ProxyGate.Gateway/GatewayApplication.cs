using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using ProxyGate.Gateway.Balancing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.FailureHandling;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Investigating;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Names;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Probing;
using ProxyGate.Gateway.Resilience;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway;

/// <summary>The composition root: puts the rooms together and runs them.</summary>
public static class GatewayApplication
{
    /// <summary>Runs the gateway until it is told to stop.</summary>
    /// <returns>0 after an orderly stop, 1 for an invalid configuration, 2 for a wrong address on the command line, 3 when it could not run.</returns>
    public static async Task<int> RunAsync(GatewayRunOptions options, TextWriter error, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(error);
        using var early = new EarlyStop(stop);
        try
        {
            return await StartAndServeAsync(options, error, early.Token);
        }
        catch (OperationCanceledException) when (early.Token.IsCancellationRequested)
        {
            await error.WriteLineAsync("Told to stop before the gateway was ready: it has served nothing.");
            return 0;
        }
    }

    /// <param name="options">What to run.</param>
    /// <param name="error">For what keeps it from running.</param>
    /// <param name="early">Signalled when it is to stop; once it is ready, that is the drain's to see to.</param>
    private static async Task<int> StartAndServeAsync(GatewayRunOptions options, TextWriter error, CancellationToken early)
    {
        // What does not depend on the configuration is made ready while that is read: half of a start is loading and compiling code.
        var preparing = Task.Run(Prepare, CancellationToken.None);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => KeyValuePair.Create((string)e.Key, (string?)e.Value ?? "")).ToArray();
        var config = options.ConfigFile is { } file
            ? await ConfigLoader.LoadAsync(file, environment, options.Listen).WaitAsync(early)
            : await CommandLineConfig.FromToAsync(options.To ?? "", options.Listen, environment);
        if (config.Unreadable is { } reason)
        {
            await error.WriteLineAsync(reason);
            return 3;
        }

        if (config.Settings is null)
        {
            foreach (var mistake in config.Errors) await error.WriteLineAsync(mistake.ToString());
            return options.ConfigFile is null ? 2 : 1;
        }

        var inherited = InheritedSockets.OfThisProcess();
        if (ListenFailure.Explain(config.Settings, inherited) is { } cannotListen)
        {
            await error.WriteLineAsync(cannotListen);
            return 3;
        }

        await using var app = Build(await preparing, config, environment, options.Listen, inherited);
        try
        {
            await app.StartAsync(early);
        }
        catch (IOException e)
        {
            // Free a moment ago, taken since.
            await error.WriteLineAsync(ListenFailure.Explain(config.Settings, inherited) ?? $"The gateway cannot listen: {e.Message}");
            return 3;
        }

        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = app.Services.GetRequiredService<ConfigReloader>().ReloadAsync();
        });
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ProxyGate");
        TaskScheduler.UnobservedTaskException += Unobserved;
        // Requests are answered since Kestrel has started; ready is said when a failure is explained as well as it can be.
        await Task.WhenAll(app.Services.GetRequiredService<IncidentTracker>().Restored, app.Services.GetRequiredService<ListenerSampler>().First).WaitAsync(early);
        Announce(app, config, options);
        await app.Services.GetRequiredService<Drain>().RunAsync(app.StopAsync, () => UnderWay(app.Services), early);
        TaskScheduler.UnobservedTaskException -= Unobserved;
        return 0;

        // A task that failed and that nobody looks at is a defect of ours; it must not stay unseen.
        void Unobserved(object? sender, UnobservedTaskExceptionEventArgs e) => log.LogError(e.Exception, "A task failed and nobody looked at it.");
    }

    private static WebApplicationBuilder Prepare()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "proxygate" });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            // Field values are bytes (RFC 9110 section 5.5); Latin-1 carries every one of them through unharmed.
            kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        });
        builder.AddGatewayLogging();
        var services = builder.Services;
        services.AddSystemd();
        // How long the stop may take is the drain's to say.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        services.AddSingleton<DrainState>();
        services.AddSingleton<Drain>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IGatewaySettingsSource>(provider => provider.GetRequiredService<GatewaySettingsSource>());
        services.AddNames();
        services.AddSingleton<ConfigReloader>();
        services.AddHostedService(provider => provider.GetRequiredService<ConfigReloader>());
        services.AddListeners();
        services.AddRouting();
        services.AddReverseProxy().AddTransforms<ForwardedTransforms>();
        services.AddForwarding();
        services.AddHealth();
        services.AddProbing();
        services.AddBalancing();
        services.AddResilience();
        services.AddEventLog();
        services.AddIncidents();
        services.AddFailurePages();
        services.AddInvestigating();
        services.AddSingleton<EarlierFailures>();
        services.AddSingleton<FailureSurroundings>();
        services.AddSingleton<FailureReporter>();
        services.AddSingleton<ClientRefusals>();
        var server = BadRequestWatcher.ServerEvents();
        services.AddSingleton<DiagnosticSource>(server);
        services.AddHostedService(provider => new BadRequestWatcher(server, provider.GetRequiredService<ClientRefusals>().Record));
        return builder;
    }

    private static WebApplication Build(
        WebApplicationBuilder builder, ConfigResult config, IReadOnlyList<KeyValuePair<string, string>> environment, IReadOnlyList<string> listen, InheritedSockets inherited)
    {
        var settings = config.Settings!;
        var services = builder.Services;
        builder.AddGatewayTelemetry(settings, MetricSeries.Of(config.Routes, config.Clusters));
        services.AddSingleton(new ConfigOrigin(config.File, environment, listen, config.Seen));
        services.AddSingleton(provider => new GatewaySettingsSource(settings, provider.GetRequiredService<ILogger<GatewaySettingsSource>>()));
        services.AddRoutes(config.Routes, config.Clusters);
        var status = new ConfigStatus();
        status.Loaded(config.File, TimeProvider.System.GetUtcNow(), config.Lines);
        services.AddSingleton(status);
        services.AddSingleton(inherited);
        services.AddDashboard(settings.Admin.Oidc);

        var app = builder.Build();
        KestrelSteps.DoOnLoops(app.Services);
        // Needed when the host starts; made beside what comes first.
        _ = Task.Run(() => app.Services.GetService<MeterProvider>());
        ObserveState(app.Services);
        app.UseAdmin();
        app.UseMiddleware<ClosingConnections>();
        app.UseTrustedProxies();
        app.UseHttpsRedirect();
        app.UseMiddleware<FailureMiddleware>();
        // No policy can be asked for (the configuration is checked): the server need not look for one on every request.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseRoutes();
        app.UseRouted(static proxy =>
        {
            proxy.UseWhere(static routed => routed.Cluster.Config.SessionAffinity?.Enabled == true, static bound => bound.UseSessionAffinity());
            proxy.UseResilience();
            proxy.UseWhere(static routed => routed.AvailableDestinations.Count != 1, static several => several.UseSlowStart().UseLoadBalancing());
            proxy.UseConcurrencyLimits();
            // YARP's watch over what requests met, for the clusters that have it on.
            proxy.UseWhere(static routed => routed.Cluster.Config.HealthCheck?.Passive?.Enabled == true, static watched => watched.UsePassiveHealthChecks());
            proxy.UseDirectForwarding();
        });
        return app;
    }

    private static int UnderWay(IServiceProvider services) =>
        services.GetRequiredService<IProxyStateLookup>().GetClusters().Sum(c => c.DestinationsState.AllDestinations.Sum(d => d.ConcurrentRequestCount));

    /// <summary>What the metrics show of other rooms' state, asked for when somebody reads them.</summary>
    private static void ObserveState(IServiceProvider services)
    {
        var metrics = services.GetRequiredService<GatewayMetrics>();
        var incidents = services.GetRequiredService<IncidentTracker>();
        var certificates = services.GetRequiredService<CertificateStore>();
        var health = services.GetRequiredService<HealthRegister>();
        var guards = services.GetRequiredService<ClusterGuards>();
        var clusters = services.GetRequiredService<IProxyStateLookup>();
        guards.CircuitChanged += metrics.CircuitChanged;
        metrics.ObserveTraffic(() => guards.Traffic(clusters.GetClusters()).Select(d => (d.Cluster, d.Destination, d.CircuitOpen, d.Waiting)));
        metrics.ObserveIncidents(() => incidents.OpenCount);
        metrics.ObserveDestinations(() => health.Snapshot().Select(d => (d.Cluster, d.Destination, d.Available)));
        metrics.ObserveCertificates(() => certificates.Expiries, services.GetRequiredService<TimeProvider>());
    }

    private static void Announce(WebApplication app, ConfigResult config, GatewayRunOptions options)
    {
        var settings = config.Settings!;
        var bound = BoundAddresses.All(app.Services.GetRequiredService<IServer>());
        var sites = bound.Take(settings.Listen.Count).ToList();
        var admin = settings.Admin.Listen is null ? null : bound.Skip(sites.Count).FirstOrDefault();
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("ProxyGate");
        foreach (var address in sites) log.LogInformation("Listening on {Address:l}", address);
        if (admin is not null) log.LogInformation("Admin on {Address:l}", admin);
        foreach (var socket in app.Services.GetRequiredService<InheritedSockets>().Unused) log.LogWarning("The socket {Name:l} ({Address:l}) was handed over at the start, but no address of ProxyGate:Listen is that: nobody answers there.", socket.Name, socket.Address);
        foreach (var warning in config.Warnings) log.LogWarning("{Warning}", warning.ToString());
        log.LogInformation("Ready: {Routes} routes, {Clusters} clusters.", config.Routes.Count, config.Clusters.Count);
        options.Started?.Invoke(new StartedGateway(settings, config, sites));
    }
}
