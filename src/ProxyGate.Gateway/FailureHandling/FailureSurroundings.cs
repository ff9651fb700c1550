using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy.Model;
using YarpHealth = Yarp.ReverseProxy.Model.DestinationHealth;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>
/// Counts each failure to its incident and says what stood around it: since when, how often, what else fails, and where the
/// configuration says so. Once per failure, before its page is written: page and event tell the same count.
/// </summary>
internal sealed class FailureSurroundings(IncidentTracker incidents, EarlierFailures earlier, ConfigStatus config, HealthRegister health, TimeProvider clock)
{
    /// <summary>Done, but for the first moments of a gateway, which has to read which incidents are open.</summary>
    public Task KnownAsync() => incidents.Restored;

    public FailureCounted Count(HttpContext context, FailureFacts facts, Failure failure, bool saved)
    {
        var request = facts.Request;
        var destination = failure.Attempt?.Destination ?? (facts.Attempts.Count > 0 ? facts.Attempts[^1].Destination : null);
        var byClient = failure.Party == Party.Client;
        // Who is turned away by an open circuit suffers from what opened it: that is the incident.
        var opened = failure.Cause.Id == CauseId.CircuitOpen ? request.OpenCircuit : null;
        destination = opened?.Destination ?? destination;
        var counted = incidents.Count(new FailureSeen
        {
            Cause = opened?.Cause ?? failure.Cause.Id,
            Route = request.Route,
            Cluster = request.Cluster,
            Destination = destination,
            ByClient = byClient,
            ReachedApp = failure.Stage is Stage.Send or Stage.Head or Stage.Body or Stage.Upgrade,
            Method = request.Method,
            Path = request.Path,
            Client = RealPeer.Plain(context.Connection.RemoteIpAddress),
            Saved = saved,
            Neighbours = byClient ? null : Neighbours(context, destination),
        });
        var lines = config.Lines;
        var route = lines.OfRoute(request.Route);
        return counted with
        {
            Context = counted.Context with
            {
                RouteSource = route?.Source,
                RouteMatch = route?.Match,
                DestinationSource = lines.OfDestination(request.Cluster, destination),
                Before = earlier.Of(context, request, failure.Cause.Id, counted.Context),
            },
        };
    }

    /// <summary>The destinations of the request's cluster that are out of use.</summary>
    public IReadOnlyList<UnhealthyDestination> Unhealthy(HttpContext context)
    {
        // Nearly always none is: then nothing is gathered for it.
        if (RequestRecord.Of(context)?.Proxy is not { } proxy || !AnyMarked(proxy.AllDestinations)) return [];
        var cluster = proxy.Cluster.Config.ClusterId;
        var now = clock.GetUtcNow();
        return
        [
            .. from destination in health.Snapshot(cluster)
               where destination.Reason is not null
               let reason = destination.Reason
               select new UnhealthyDestination(
                   destination.Destination, destination.Address, reason.Cause, reason.Words, (now - (destination.Since ?? now)).TotalMilliseconds, destination.ByRequests, reason.Status),
        ];
    }

    /// <summary>The register keeps YARP's marks in step with what it knows.</summary>
    private static bool AnyMarked(IReadOnlyList<DestinationState> destinations)
    {
        for (var i = 0; i < destinations.Count; i++)
        {
            if (destinations[i].Health is { Active: YarpHealth.Unhealthy } or { Passive: YarpHealth.Unhealthy }) return true;
        }

        return false;
    }

    /// <summary>A request that was refused before it became one of ours: no route, and the client's own fault.</summary>
    public FailureCounted CountRefused(Failure failure) => incidents.Count(new FailureSeen { Cause = failure.Cause.Id, ByClient = true });

    /// <summary>From the configuration this very request was routed by.</summary>
    private static List<string>? Neighbours(HttpContext context, string? destination)
    {
        if (RequestRecord.Of(context)?.Proxy?.Cluster.Config.Destinations is not { } all) return null;
        if (all.Count == 0 || (all.Count == 1 && destination is not null)) return null;
        var others = new List<string>(Math.Min(all.Count, IncidentTracker.MaxNeighbours));
        foreach (var id in all.Keys)
        {
            if (others.Count == IncidentTracker.MaxNeighbours) break;
            if (id != destination) others.Add(id);
        }

        return others;
    }
}
