using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using ProxyGate.Diagnostics.Events;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>
/// <c>/readyz</c>: 503 before the start is complete and while draining, so that a load balancer turns to another gateway. A cluster that
/// is down does not make the gateway unready: another gateway would not reach it either, and this one still explains. Who wants to know
/// of one cluster asks <c>/readyz/CLUSTER</c>.
/// </summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime, IProxyStateLookup? proxy = null)
{
    public int Status => lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested
        ? StatusCodes.Status200OK
        : StatusCodes.Status503ServiceUnavailable;

    public string State => lifetime.ApplicationStopping.IsCancellationRequested ? "draining"
        : lifetime.ApplicationStarted.IsCancellationRequested ? "ready" : "starting";

    public IReadOnlyList<ClusterReadiness> Clusters() =>
        proxy is null ? [] : [.. proxy.GetClusters().Select(Judge).OrderBy(c => c.Cluster, StringComparer.Ordinal)];

    public ClusterReadiness? Cluster(string id) => proxy is not null && proxy.TryGetCluster(id, out var cluster) ? Judge(cluster) : null;

    internal static ClusterReadiness Judge(ClusterState cluster)
    {
        var all = cluster.DestinationsState.AllDestinations;
        var available = cluster.DestinationsState.AvailableDestinations.Count;
        var reason = all.Count == 0 ? "no destinations are configured"
            : available == 0 ? $"none of {all.Count} destinations is available: {string.Join(", ", all.Take(8).Select(Health))}"
            : $"{available} of {all.Count} destinations are available";
        return new ClusterReadiness(HostileText.Line(cluster.ClusterId, 256), available > 0, HostileText.Line(reason, 1024), all.Count, available);
    }

    private static string Health(DestinationState destination) =>
        $"{destination.DestinationId} (active {destination.Health.Active}, passive {destination.Health.Passive})";
}

/// <param name="Cluster">As configured.</param>
/// <param name="Ready">Whether any destination is available.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Destinations">How many there are.</param>
/// <param name="Available">How many of them are given requests.</param>
internal sealed record ClusterReadiness(string Cluster, bool Ready, string Reason, int Destinations, int Available);
