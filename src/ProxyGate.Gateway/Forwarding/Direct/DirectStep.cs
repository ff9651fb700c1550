using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Forwarding.Http1;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>
/// The last step of a routed request, in the place of YARP's: one that needs nothing of YARP's forwarder goes from here to the upstream. All others go on,
/// and meet <see cref="RecordingForwarder"/> at the end of YARP's pipeline.
/// </summary>
internal sealed class DirectStep(RequestDelegate next, DrainState drain)
{
    public Task InvokeAsync(HttpContext context) => TrySend(context) ?? next(context);

    private Task? TrySend(HttpContext context)
    {
        if (RequestRecord.Of(context) is not { Route: { IsDirect: true } route, Proxy: { AvailableDestinations: { Count: 1 } available } proxy } record) return null;
        var destination = available[0];
        // Another cluster than the route's own: its configuration changed while the request was under way.
        if (!ReferenceEquals(proxy.Cluster, route.Cluster) || route.AddressOf(destination) is not { } address) return null;
        RecordingForwarder.WatchClient(context, record, route.Settings.Limits);
        record.Drain = drain;
        proxy.ProxiedDestination = destination;
        var exchange = new Exchange(
            record, destination, destination.DestinationId, address, (UpstreamClient)proxy.Cluster.HttpClient, proxy.Cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty, route.Plan,
            route.Timeouts, route.Settings.Limits.ResponseHeaders);
        if (DirectForwarder.TryBegin(exchange) is not { } begun) return null;
        var sending = DirectForwarder.SendAsync(begun, new RequestEnds(context.RequestAborted, drain.Over) { SecondIsShared = true }, new DestinationLoad(destination));
        return sending.IsCompletedSuccessfully ? Task.CompletedTask : sending.AsTask();
    }
}
