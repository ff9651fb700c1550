using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Api;
using ProxyGate.Gateway.Dashboard.Live;
using ProxyGate.Gateway.Dashboard.Reading;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Dashboard.SignIn;
using ProxyGate.Gateway.Dashboard.Traffic;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Pages;
using Yarp.ReverseProxy;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>The admin listener: its requests are told by the listener they came in by, never by a header, and go nowhere else.</summary>
internal static class AdminPipeline
{
    private static readonly AdminRoute[] s_routes = [.. ProbeRoutes.All, .. ApiOperations.All().Select(o => o.Route), .. ScreenRoutes.All];

    /// <param name="services">Where it goes.</param>
    /// <param name="oidc">The provider that signs people in, where there is one.</param>
    public static IServiceCollection AddDashboard(this IServiceCollection services, OidcSettings? oidc = null)
    {
        services.TryAddSingleton<ConfigStatus>();
        services.TryAddSingleton(provider => new Readiness(
            provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IProxyStateLookup>(), provider.GetService<HealthRegister>()));
        services.TryAddSingleton<TrafficMemory>();
        services.TryAddSingleton<AudiencePolicy>();
        services.TryAddSingleton<AdminSessions>();
        services.TryAddSingleton<AttemptLimits>();
        services.TryAddSingleton<AdminAccessPolicy>();
        services.TryAddSingleton<AdminDoor>();
        services.TryAddSingleton<PasswordSignIn>();
        if (oidc is not null)
        {
            services.TryAddSingleton(provider => new OidcSignIn(
                oidc, provider.GetRequiredService<PasswordSignIn>(), provider.GetRequiredService<IGatewaySettingsSource>(), provider.GetRequiredService<ILoggerFactory>()));
        }

        services.TryAddSingleton<LiveStream>();
        services.TryAddSingleton<FrameMaker>();
        services.TryAddSingleton<ClustersReader>();
        services.TryAddSingleton<GatewayReader>();
        services.TryAddSingleton<IncidentLooks>();
        services.TryAddSingleton<IncidentsReader>();
        services.TryAddSingleton<FailuresReader>();
        return services;
    }

    /// <summary>Answers every request of the admin listener; goes before everything that forwards.</summary>
    public static IApplicationBuilder UseAdmin(this IApplicationBuilder app)
    {
        // From the first request on, if anybody can look at it.
        if (app.ApplicationServices.GetRequiredService<IGatewaySettingsSource>().Current.Admin.Listen is not null) app.ApplicationServices.GetRequiredService<TrafficMemory>();
        // Made when somebody looks: the first visitor of a site need not wait for it.
        var admin = new Lazy<RequestDelegate>(() => Branch(app.New()));
        app.Use(next => context => ListenerFeature.Of(context) is { IsAdmin: true } ? admin.Value(context) : next(context));
        if (app.ApplicationServices.GetRequiredService<IGatewaySettingsSource>().Current.Admin.HasCredentials()) app.Use(AdminCookie.KeepBackAsync);
        return app;
    }

    private static RequestDelegate Branch(IApplicationBuilder admin)
    {
        admin.Use(AdminGuard.CheckAsync);
        admin.Use(static async (context, next) =>
        {
            if (!IsMetrics(context) || await DoorOf(context).LetsInAsync(context, AdminAccess.Scraper)) await next(context);
        });
        if (admin.ApplicationServices.GetService<MeterProvider>() is not null) admin.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        admin.Run(AnswerAsync);
        return admin.Build();
    }

    private static bool IsMetrics(HttpContext context) => context.Request.Path.StartsWithSegments("/metrics");

    private static AdminDoor DoorOf(HttpContext context) => context.RequestServices.GetRequiredService<AdminDoor>();

    private static async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await FindAsync(context);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("ProxyGate.Gateway.Dashboard").LogError(e, "The admin listener failed on {Path}.", Shown.Line(context.Request.Path, 200));
            await ApiJson.ProblemAsync(context, StatusCodes.Status500InternalServerError, "Failed", "The gateway's log has the reason. Requests are served meanwhile.");
        }
    }

    private static async Task FindAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var method = HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
        var allowed = "";
        foreach (var route in s_routes)
        {
            if (!route.Matches(path, out var id)) continue;
            if (route.Method == method)
            {
                if (await DoorOf(context).LetsInAsync(context, route.Access)) await route.Answer(context, id);
                return;
            }

            allowed = route.Method == HttpMethods.Get ? "GET, HEAD" : route.Method;
        }

        if (allowed.Length > 0)
        {
            context.Response.Headers.Allow = allowed;
            await ApiJson.ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, "Method not allowed", $"Here only {allowed} is answered.");
            return;
        }

        await ApiJson.NotFoundAsync(context, "The admin listener has / (the dashboard), /healthz, /readyz, /metrics, and /api/openapi.json, which describes the rest.");
    }
}
