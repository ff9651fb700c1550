using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>The admin listener: its requests are told by the listener they came in by, never by a header, and go nowhere else.</summary>
internal static class AdminPipeline
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.TryAddSingleton<ConfigStatus>();
        services.TryAddSingleton(provider => new Readiness(
            provider.GetRequiredService<IHostApplicationLifetime>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IProxyStateLookup>(), provider.GetService<HealthRegister>()));
        services.TryAddSingleton<AdminApi>();
        services.TryAddSingleton<OverviewPage>();
        return services;
    }

    /// <summary>Answers every request of the admin listener; goes before everything that forwards.</summary>
    public static IApplicationBuilder UseAdmin(this IApplicationBuilder app) => app.MapWhen(
        static context => context.Features.Get<ListenerFeature>() is { IsAdmin: true },
        static admin =>
        {
            admin.Use(GuardAsync);
            if (admin.ApplicationServices.GetService<MeterProvider>() is not null) admin.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
            admin.Run(AnswerAsync);
        });

    private static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        if (!AdminHost.IsOurs(context.Request.Host, context.Features.Get<ListenerFeature>()!.Address))
            return TextAsync(context, StatusCodes.Status421MisdirectedRequest, "This is the admin listener of ProxyGate. Ask for it as localhost or by its address.\n");
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)) return next(context);
        headers.Allow = "GET, HEAD";
        return TextAsync(context, StatusCodes.Status405MethodNotAllowed, "Only GET and HEAD are answered here.\n");
    }

    private static Task AnswerAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var path = context.Request.Path.Value ?? "";
        switch (path)
        {
            case "/":
                return services.GetRequiredService<OverviewPage>().WriteAsync(context);
            case "/healthz":
                return TextAsync(context, StatusCodes.Status200OK, "alive\n");
            case "/readyz":
                return ReadyAsync(context, services.GetRequiredService<Readiness>());
            case "/api/failures":
                return services.GetRequiredService<AdminApi>().FailuresAsync(context);
            case "/api/incidents":
                return services.GetRequiredService<AdminApi>().IncidentsAsync(context);
            case "/api/config":
                return services.GetRequiredService<AdminApi>().ConfigAsync(context);
            case "/api/openapi.json":
                return AdminApi.OpenApiAsync(context);
        }

        const string ReadyOf = "/readyz/", FailureOf = "/api/failures/";
        if (path.StartsWith(ReadyOf, StringComparison.Ordinal)) return ClusterReadyAsync(context, services.GetRequiredService<Readiness>(), path[ReadyOf.Length..]);
        if (path.StartsWith(FailureOf, StringComparison.Ordinal)) return services.GetRequiredService<AdminApi>().FailureAsync(context, path[FailureOf.Length..]);
        return AdminApi.NotFoundAsync(context, "The admin listener has /, /healthz, /readyz, /metrics, /api/failures, /api/incidents, /api/config and /api/openapi.json.");
    }

    private static Task ReadyAsync(HttpContext context, Readiness readiness) => WantsText(context) ? ReadyTextAsync(context, readiness.Status, readiness, readiness.Clusters()) : AdminApi.WriteAsync(context, readiness.Status, json =>
    {
        json.WriteStartObject();
        json.WriteString("state", readiness.State);
        json.WriteStartArray("clusters");
        foreach (var cluster in readiness.Clusters()) Readiness.Write(json, cluster);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Task ClusterReadyAsync(HttpContext context, Readiness readiness, string id)
    {
        if (readiness.Cluster(id) is not { } cluster) return AdminApi.NotFoundAsync(context, "No such cluster is configured.");
        var status = cluster.IsReady ? readiness.Status : StatusCodes.Status503ServiceUnavailable;
        return WantsText(context)
            ? ReadyTextAsync(context, status, readiness, [cluster])
            : AdminApi.WriteAsync(context, status, json => Readiness.Write(json, cluster));
    }

    private static Task ReadyTextAsync(HttpContext context, int status, Readiness readiness, IReadOnlyList<ClusterReadiness> clusters)
    {
        var text = new StringBuilder(readiness.State).Append('\n');
        foreach (var cluster in clusters) readiness.Write(text, cluster);
        return TextAsync(context, status, text.ToString());
    }

    /// <summary>JSON unless plain text is asked for by name.</summary>
    private static bool WantsText(HttpContext context) =>
        context.Request.Headers.Accept.ToString() is var accept && accept.Contains("text/plain", StringComparison.OrdinalIgnoreCase) && !accept.Contains("json", StringComparison.OrdinalIgnoreCase);

    private static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
