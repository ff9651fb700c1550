using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// How many series each instrument may have. OpenTelemetry keeps room for them all from the start, 2,000 for each instrument unless told otherwise:
/// too much for most, and too few where there are a thousand routes. What is beyond is lumped together, and costs more than a series of its own.
/// A configuration that is taken over later may have twice as many routes and destinations.
/// </summary>
internal sealed record MetricSeries(int Routes, int Clusters, int Destinations)
{
    private const int Least = 200;

    /// <summary>What a failure is told by is not a matter of the configuration alone.</summary>
    private const int Failures = 2000;

    public static MetricSeries Of(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters) =>
        new(routes.Count, clusters.Count, clusters.Sum(c => c.Destinations?.Count ?? 0));

    public int Of(string instrument) => instrument switch
    {
        // By class of status.
        GatewayMetrics.RequestsName => Least + (2 * 6 * Routes),
        // By phase, or by what came of it.
        "proxygate.request.phase.duration" => Least + (2 * 6 * Clusters),
        "proxygate.health.check.duration" or "proxygate.requests.turned_away" => Least + (2 * 3 * Clusters),
        "proxygate.destination.available" or "proxygate.circuit.open" or "proxygate.queue.waiting" => Least + (2 * Destinations),
        "proxygate.circuit.changes" => Least + (2 * 2 * Destinations),
        _ when instrument.StartsWith("proxygate.", StringComparison.Ordinal) => Failures,
        _ => Least,
    };
}
