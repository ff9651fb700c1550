using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>Holds a destination to the number of requests it may have at once. Stands after load balancing, when the destination is known.</summary>
internal sealed class ConcurrencyMiddleware(RequestDelegate next, ClusterGuards guards, IGatewaySettingsSource source)
{
    private Known? _known;

    public Task InvokeAsync(HttpContext context) => AnyLimit(source.Current) ? LimitAsync(context) : next(context);

    /// <summary>Found out once for each configuration: most have no such limit, and their requests need not look for theirs.</summary>
    private bool AnyLimit(GatewaySettings settings)
    {
        var known = Volatile.Read(ref _known);
        if (known is null || !ReferenceEquals(known.Settings, settings))
        {
            known = new Known(settings, settings.Concurrency.MaxPerDestination is not null || settings.Clusters.Values.Any(static c => c.Concurrency.MaxPerDestination is not null));
            Volatile.Write(ref _known, known);
        }

        return known.AnyLimit;
    }

    private Task LimitAsync(HttpContext context)
    {
        if (RequestRecord.Of(context) is not { } record
            || record.Proxy is not { Route.Cluster: { } cluster, AvailableDestinations: [var destination] }
            || source.Current.ForCluster(cluster.ClusterId).Concurrency is not { MaxPerDestination: { } max } settings)
        {
            return next(context);
        }

        return EnterAsync(context, record, guards.Of(cluster).GateOf(destination.DestinationId), max, settings);
    }

    private async Task EnterAsync(HttpContext context, RequestRecord record, DestinationGate gate, int max, ConcurrencySettings settings)
    {
        if (!await gate.EnterAsync(max, settings, context.RequestAborted))
        {
            if (context.RequestAborted.IsCancellationRequested) record.Blame(ClientFault.Disconnected);
            else record.Decide(GatewayDecision.DestinationLimitReached, string.Create(CultureInfo.InvariantCulture, $"{gate.UnderWay} requests under way, {gate.Waiting} waiting"));
            return;
        }

        record.BecameTunnel += gate.LeaveForTunnel;
        try
        {
            await next(context);
        }
        finally
        {
            record.BecameTunnel -= gate.LeaveForTunnel;
            if (!record.IsTunnel) gate.Leave();
        }
    }

    private sealed record Known(GatewaySettings Settings, bool AnyLimit);
}
