using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Health;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>
/// <c>/readyz</c>: 503 before the start is complete and while draining, so that a load balancer turns to another gateway. A cluster that
/// is down does not make the gateway unready: another gateway would not reach it either, and this one still explains. Who wants to know
/// of one cluster asks <c>/readyz/CLUSTER</c>.
/// </summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime, TimeProvider clock, IProxyStateLookup? proxy = null, HealthRegister? health = null)
{
    public int Status => lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested
        ? StatusCodes.Status200OK
        : StatusCodes.Status503ServiceUnavailable;

    public string State => lifetime.ApplicationStopping.IsCancellationRequested ? "draining"
        : lifetime.ApplicationStarted.IsCancellationRequested ? "ready" : "starting";

    public IReadOnlyList<ClusterReadiness> Clusters() =>
        proxy is null ? [] : [.. proxy.GetClusters().Select(Judge).OrderBy(c => c.Cluster, StringComparer.Ordinal)];

    public ClusterReadiness? Cluster(string id) => proxy is not null && proxy.TryGetCluster(id, out var cluster) ? Judge(cluster) : null;

    public static void Write(Utf8JsonWriter json, ClusterReadiness cluster)
    {
        json.WriteStartObject();
        json.WriteString("cluster", HostileText.Line(cluster.Cluster, 256));
        json.WriteBoolean("ready", cluster.IsReady);
        json.WriteString("reason", cluster.Reason);
        json.WriteNumber("destinations", cluster.Destinations);
        json.WriteNumber("available", cluster.Available);
        json.WriteStartArray("states");
        foreach (var destination in cluster.States) HealthForms.Write(json, destination);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Write(StringBuilder text, ClusterReadiness cluster)
    {
        text.Append(CultureInfo.InvariantCulture, $"{(cluster.IsReady ? "ready" : "NOT READY")}  {HostileText.Line(cluster.Cluster, 256)}: {cluster.Reason}\n");
        foreach (var destination in cluster.States) text.Append("  ").Append(HealthForms.Line(destination, clock.GetUtcNow())).Append('\n');
    }

    private ClusterReadiness Judge(ClusterState cluster)
    {
        var states = health?.Snapshot(cluster.ClusterId) ?? [];
        var all = cluster.DestinationsState.AllDestinations;
        var available = cluster.DestinationsState.AvailableDestinations.Count;
        var reason = all.Count == 0 ? "no destinations are configured"
            : available == 0 ? $"none of {all.Count} destinations is available: {string.Join(", ", states.Take(8).Select(HealthForms.Short))}"
            : $"{available} of {all.Count} destinations are available{Panic(states)}";
        return new ClusterReadiness(cluster.ClusterId, available > 0, HostileText.Line(reason, 1024), all.Count, available, states);
    }

    private static string Panic(IReadOnlyList<DestinationReport> states) =>
        states.Count(s => s is { Available: true, State: HealthState.Unhealthy }) is > 0 and var ill ? $", {ill} of them although unhealthy, because too few are healthy" : "";
}

internal sealed record ClusterReadiness(string Cluster, bool IsReady, string Reason, int Destinations, int Available, IReadOnlyList<DestinationReport> States);
