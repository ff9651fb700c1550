using System.Net;
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
        if (RequestRecord.Of(context) is not { Route: { IsDirect: true } route, Proxy: { AvailableDestinations: { Count: 1 } available } proxy } record || RecordingForwarder.IsUpgrade(context.Request)) return null;
        var destination = available[0];
        // Another cluster than the route's own: its configuration changed while the request was under way.
        if (!ReferenceEquals(proxy.Cluster, route.Cluster) || route.AddressOf(destination) is not { } address || proxy.Cluster.HttpClient is not ClusterClient { Handler: var handler }) return null;
        DirectRequest request;
        UpstreamConnections? connections;
        try
        {
            var config = proxy.Cluster.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
            connections = handler.Http1For(address, config.Version ?? HttpVersion.Version20, config.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower, out var prefix);
            if (connections is null) return null;
            RecordingForwarder.WatchClient(context, record, route.Settings.Limits);
            request = new DirectRequest(record, route.Plan, destination, RequestTarget.Of(context, prefix, route.Plan.OfTarget));
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            // No such address can be asked: YARP's forwarder finds the same, and says so as always.
            return null;
        }

        proxy.ProxiedDestination = destination;
        record.Drain = drain;
        var attempt = record.Begin(destination.DestinationId, address, route.Timeouts, route.Settings.Limits.ResponseHeaders);
        var ends = new RequestEnds(context.RequestAborted, drain.Over) { SecondIsShared = true };
        var sending = DirectForwarder.SendAsync(context, request, attempt, handler, connections, ends, new DestinationLoad(destination));
        return sending.IsCompletedSuccessfully ? Task.CompletedTask : sending.AsTask();
    }
}
