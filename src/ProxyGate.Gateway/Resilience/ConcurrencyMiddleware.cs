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
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<RequestRecord>() is not { } record
            || context.Features.Get<IReverseProxyFeature>() is not { Route.Cluster: { } cluster, AvailableDestinations: [var destination] }
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
}
