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
        return ApiJson.WriteAsync(context, new ReadyAnswer(readiness.State, readiness.Clusters()), readiness.Status);
    }

    private static Task ClusterReadyAsync(HttpContext context, string id)
    {
        var readiness = context.RequestServices.GetRequiredService<Readiness>();
        return readiness.Cluster(id) is { } cluster
            ? ApiJson.WriteAsync(context, cluster, cluster.Ready ? readiness.Status : StatusCodes.Status503ServiceUnavailable)
            : ApiJson.NotFoundAsync(context, "No such cluster is configured.");
    }
}

/// <param name="State">starting, ready or draining.</param>
/// <param name="Clusters">Each of them.</param>
internal sealed record ReadyAnswer(string State, IReadOnlyList<ClusterReadiness> Clusters);
