using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Api;
using ProxyGate.Gateway.Dashboard.Live;
using ProxyGate.Gateway.Dashboard.Reading;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Dashboard.Traffic;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>The admin listener: its requests are told by the listener they came in by, never by a header, and go nowhere else.</summary>
internal static class AdminPipeline
{
    private static readonly AdminRoute[] s_routes = [.. ProbeRoutes.All, .. ApiOperations.All().Select(o => o.Route), .. ScreenRoutes.All];

    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.TryAddSingleton<ConfigStatus>();
        services.TryAddSingleton(provider => new Readiness(
            provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetService<IProxyStateLookup>()));
        services.TryAddSingleton<TrafficMemory>();
        services.TryAddSingleton<LiveStream>();
        services.TryAddSingleton<FrameMaker>();
        services.TryAddSingleton<ClustersReader>();
        services.TryAddSingleton<GatewayReader>();
        services.TryAddSingleton<IncidentsReader>();
        services.TryAddSingleton<FailuresReader>();
        return services;
    }

    /// <summary>Answers every request of the admin listener; goes before everything that forwards.</summary>
    public static IApplicationBuilder UseAdmin(this IApplicationBuilder app)
    {
        // From the first request on, if anybody can look at it.
        if (app.ApplicationServices.GetRequiredService<IGatewaySettingsSource>().Current.Admin.Listen is not null) app.ApplicationServices.GetRequiredService<TrafficMemory>();
        return app.MapWhen(
            static context => context.Features.Get<ListenerFeature>() is { IsAdmin: true },
            static admin =>
            {
                admin.Use(AdminGuard.CheckAsync);
                if (admin.ApplicationServices.GetService<MeterProvider>() is not null) admin.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
                admin.Run(AnswerAsync);
            });
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var method = HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
        var allowed = "";
        foreach (var route in s_routes)
        {
            if (!route.Matches(path, out var id)) continue;
            if (route.Method == method) return route.Answer(context, id);
            allowed = route.Method == HttpMethods.Get ? "GET, HEAD" : route.Method;
        }

        if (allowed.Length > 0)
        {
            context.Response.Headers.Allow = allowed;
            return ApiJson.ProblemAsync(context, StatusCodes.Status405MethodNotAllowed, "Method not allowed", $"Here only {allowed} is answered.");
        }

        return ApiJson.NotFoundAsync(context, "The admin listener has / (the dashboard), /healthz, /readyz, /metrics, and /api/openapi.json, which describes the rest.");
    }
}
