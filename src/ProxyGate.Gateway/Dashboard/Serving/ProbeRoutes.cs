using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Dashboard.Api;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>What load balancers and watchdogs ask: without sign-in, because they have none, and it tells them little.</summary>
internal static class ProbeRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        new("GET", "/healthz", AdminAccess.Everyone, static (context, _) => TextAsync(context, StatusCodes.Status200OK, "alive\n")),
        new("GET", "/readyz", AdminAccess.Everyone, ReadyAsync),
        new("GET", "/readyz/{id}", AdminAccess.Everyone, ClusterReadyAsync),
    ];

    public static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Task ReadyAsync(HttpContext context, string _)
    {
        var readiness = context.RequestServices.GetRequiredService<Readiness>();
        var clusters = readiness.Clusters();
        return WantsText(context) ? ReadyTextAsync(context, readiness.Status, readiness, clusters) : ApiJson.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("state", readiness.State);
            json.WriteStartArray("clusters");
            foreach (var cluster in clusters) Readiness.Write(json, cluster);
            json.WriteEndArray();
            json.WriteEndObject();
        }, readiness.Status);
    }

    private static Task ClusterReadyAsync(HttpContext context, string id)
    {
        var readiness = context.RequestServices.GetRequiredService<Readiness>();
        if (readiness.Cluster(id) is not { } cluster) return ApiJson.NotFoundAsync(context, "No such cluster is configured.");
        var status = cluster.IsReady ? readiness.Status : StatusCodes.Status503ServiceUnavailable;
        return WantsText(context)
            ? ReadyTextAsync(context, status, readiness, [cluster])
            : ApiJson.WriteAsync(context, json => Readiness.Write(json, cluster), status);
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
}
