using Microsoft.AspNetCore.Hosting.Server;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>Routes, destinations and certificates as they are in force, and how they do.</summary>
internal sealed class ClustersReader(
    ConfigStatus config, IGatewaySettingsSource settings, IncidentTracker incidents, Readiness readiness, TimeProvider clock,
    RouteSource? routes = null, IProxyStateLookup? proxy = null, CertificateStore? certificates = null, IServer? server = null)
{
    public RoutesView Routes()
    {
        var open = incidents.Snapshot().Where(i => i.IsOpen).ToLookup(i => i.Route);
        var now = clock.GetUtcNow();
        return new RoutesView(
            Shown.Line(config.File, 512),
            config.LoadedAt,
            config.Reloads,
            Shown.Lines(BoundAddresses.Of(settings.Current.Listen, server)),
            [
                .. (routes?.Routes ?? []).Select(r => new RouteView(
                    Shown.Line(r.RouteId), Shown.Line(config.Lines.OfRoute(r.RouteId)?.Match ?? r.Match.Path ?? "/{**any}", 512), Shown.Line(r.ClusterId), r.Order,
                    Shown.Line(config.Lines.OfRoute(r.RouteId)?.Source, 512), open[r.RouteId].Count())),
            ],
            Clusters(),
            [.. (certificates?.Expiries ?? []).Select(c => new CertificateView(Shown.Line(c.Name, 512), c.NotAfter, (int)Math.Floor((c.NotAfter - now).TotalDays)))]);
    }

    public IReadOnlyList<ClusterView> Clusters()
    {
        if (proxy is null) return [];
        var failing = incidents.Snapshot().Where(i => i.IsOpen && i.Destination is not null).ToList();
        return [.. proxy.GetClusters().OrderBy(c => c.ClusterId, StringComparer.Ordinal).Select(c => Of(c, failing))];
    }

    private ClusterView Of(ClusterState cluster, List<Incident> failing)
    {
        var judged = readiness.Cluster(cluster.ClusterId);
        var available = cluster.DestinationsState.AvailableDestinations.Select(d => d.DestinationId).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new ClusterView(
            Shown.Line(cluster.ClusterId),
            Shown.Line(cluster.Model.Config.LoadBalancingPolicy),
            judged is { IsReady: true },
            judged?.Reason ?? "",
            [
                .. cluster.Destinations.Values.OrderBy(d => d.DestinationId, StringComparer.Ordinal)
                    .Select(d => Of(cluster, d, available.Contains(d.DestinationId), judged?.States.FirstOrDefault(r => r.Destination == d.DestinationId), failing)),
            ]);
    }

    private DestinationView Of(ClusterState cluster, DestinationState destination, bool available, DestinationReport? report, List<Incident> failing)
    {
        var incident = failing.Find(i => i.Destination == destination.DestinationId && ClusterOf(i) == cluster.ClusterId);
        return new DestinationView(
            Shown.Line(destination.DestinationId),
            Shown.Line(UnixDestinations.Display(destination.Model?.Config.Address ?? ""), 512),
            Shown.Line(config.Lines.OfDestination(cluster.ClusterId, destination.DestinationId), 512),
            HealthForms.State(report?.State ?? HealthState.Unknown),
            available,
            report?.Reason?.Cause ?? incident?.Cause,
            Why(report, incident),
            report?.Since,
            report?.LastProbe,
            incident?.Id);
    }

    /// <summary>What a check or requests told of it, else what its requests fail with, else what is not as it usually is.</summary>
    private static string Why(DestinationReport? report, Incident? incident) => report switch
    {
        { Reason: { } reason } => Shown.Line(reason.Words, 600),
        _ when incident is not null => $"fails with {incident.Cause}",
        { LastFailure: { } failure } => "its last check failed: " + Shown.Line(failure.Words, 600),
        { Share: < 1 and var share } => $"slow start, at {Shown.Percent(share)} of its share",
        _ => "",
    };

    private string? ClusterOf(Incident incident) =>
        incident.Cluster ?? (incident.Route is { } id && proxy!.TryGetRoute(id, out var route) ? route.Config.ClusterId : null);
}
