using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Forwarding.Direct;
using ProxyGate.Gateway.Forwarding.Http1;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The one seam of forwarding: whoever chose the route, the request goes to the upstream through here and its attempt is recorded.
/// Around YARP's forwarder it adds the record, the limits of each phase and the watch over the client's side.
/// </summary>
internal sealed class RecordingForwarder(IHttpForwarder inner, IGatewaySettingsSource settings, RoutePlans plans, DrainState drain, TimeProvider clock) : IHttpForwarder
{
    private static readonly ConditionalWeakTable<ForwarderRequestConfig, ForwarderRequestConfig> WithoutTimeout = [];

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, drain.Over);

    public async ValueTask<ForwarderError> SendAsync(
        HttpContext context,
        string destinationPrefix,
        HttpMessageInvoker httpClient,
        ForwarderRequestConfig requestConfig,
        HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        var record = context.Features.Get<RequestRecord>() ?? new RequestRecord(context, clock);
        record.Drain = drain;
        var proxy = context.Features.Get<IReverseProxyFeature>();
        var address = AsRouted(proxy) ?? destinationPrefix;
        var current = settings.Current;
        var cluster = current.ForCluster(proxy?.Cluster.Config.ClusterId ?? "");
        var timeouts = Timeouts(current.TimeoutsOf(proxy?.Route.Config.RouteId, cluster), requestConfig);
        WatchClient(context, record, current.Limits);
        var exchange = new Exchange(
            context, record, proxy?.ProxiedDestination?.DestinationId ?? destinationPrefix, address, (UpstreamClient)httpClient, requestConfig, transformer, plans.Of(proxy?.Route.Config),
            timeouts, current.Limits.ResponseHeaders, current.Forwarder == ForwarderKind.Direct);
        if (Total(timeouts, proxy?.Route.Config.Timeout) is not { } total)
        {
            return Settle(context, record, await ForwardAsync(exchange, cancellationToken));
        }

        // One limit for all attempts, counted from the request's beginning.
        record.TotalLimit = total;
        var left = total - record.Elapsed;
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // Registered last, so called first: whoever is cancelled must find it noted.
        using var expired = limit.Token.UnsafeRegister(static s => ((RequestRecord)s!).TotalPassed(), record);
        return Settle(context, record, await ForwardAsync(exchange, linked.Token));
    }

    /// <summary>Directly where nothing needs YARP's message, else through its forwarder.</summary>
    private ValueTask<ForwarderError> ForwardAsync(in Exchange exchange, CancellationToken cancellationToken)
    {
        var (context, record, destination, address, client, config, transformer, plan, timeouts, headLimit, direct) = exchange;
        if (direct && plan.IsDirect && client is ClusterClient { Handler: var handler } && !IsUpgrade(context.Request))
        {
            try
            {
                if (handler.Http1For(address, config.Version ?? HttpVersion.Version20, config.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower, out var prefix) is { } connections)
                {
                    var request = new DirectRequest(context, plan, record.ClientBody, RequestTarget.Of(context, prefix, plan.OfTarget));
                    var attempt = record.Begin(destination, address, timeouts, headLimit);
                    return DirectAsync(context, request, attempt, handler, connections, new RequestEnds(context.RequestAborted, cancellationToken));
                }
            }
            catch (Exception e) when (e is UriFormatException or ArgumentException)
            {
                // No such address can be asked: YARP's forwarder finds the same, and says so as always.
            }
        }

        // Our own limits know which phase they cut; YARP's single one does not, and would count a slow client against the upstream.
        var unlimited = WithoutTimeout.GetValue(config, static c => c with { ActivityTimeout = Timeout.InfiniteTimeSpan });
        return inner.SendAsync(
            context, address, new AttemptInvoker(client, record), unlimited, new RecordingTransformer(transformer, record, destination, address, timeouts, headLimit, plan), cancellationToken);
    }

    private static async ValueTask<ForwarderError> DirectAsync(
        HttpContext context, DirectRequest request, Attempt attempt, UpstreamHandler handler, UpstreamConnections connections, RequestEnds ends) =>
        await DirectForwarder.SendAsync(context, request, attempt, await handler.RentAsync(connections, attempt, IsIdempotent(context.Request.Method), ends), ends);

    /// <summary>A change of protocol, which YARP's forwarder knows how to carry on.</summary>
    private static bool IsUpgrade(HttpRequest request) => HttpMethods.IsConnect(request.Method) || request.Headers.ContainsKey("Upgrade");

    /// <summary>RFC 9110 section 9.2.2.</summary>
    private static bool IsIdempotent(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method)
        || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);

    /// <summary>One attempt to be made.</summary>
    private readonly record struct Exchange(
        HttpContext Context, RequestRecord Record, string Destination, string Address, UpstreamClient Client, ForwarderRequestConfig Config, HttpTransformer Transformer, RoutePlan Plan,
        TimeoutSettings Timeouts, int HeadLimit, bool Direct);

    /// <summary>The address that the destination had when the request was routed: a newer configuration may have given its id to another one.</summary>
    private static string? AsRouted(IReverseProxyFeature? proxy) =>
        proxy?.ProxiedDestination is { } destination && proxy.Cluster.Config.Destinations?.TryGetValue(destination.DestinationId, out var config) == true ? config.Address : null;

    /// <summary>An upload that the app answered before its end is the app's answer, not a transport failure that marks it down.</summary>
    private static ForwarderError Settle(HttpContext context, RequestRecord record, ForwarderError error)
    {
        if (record.Last is { End: AttemptEnd.GatewayStopped }) record.Decide(GatewayDecision.Draining);
        if (record.ReplayLimit == 0) record.ClientBody?.Dispose();

        // A tunnel that did not end in order must not look to the client as if it had.
        if (record.TunnelEnd is TunnelEnd.UpstreamBroke or TunnelEnd.Idle) context.Abort();
        if (error != ForwarderError.RequestBodyDestination || record.Last is not { HeadReceived: true, Failed: false }) return error;
        context.Features.Set<IForwarderErrorFeature>(null);
        return ForwarderError.None;
    }

    /// <summary>A cluster's own YARP <c>ActivityTimeout</c> still holds, as the longest silence in any phase.</summary>
    private static TimeoutSettings Timeouts(TimeoutSettings timeouts, ForwarderRequestConfig config)
    {
        if (config.ActivityTimeout is not { } activity || activity == Timeout.InfiniteTimeSpan) return timeouts;
        if (activity >= timeouts.Send && activity >= timeouts.FirstByte && activity >= timeouts.Idle) return timeouts;
        return timeouts with { Send = Min(timeouts.Send, activity), FirstByte = Min(timeouts.FirstByte, activity), Idle = Min(timeouts.Idle, activity) };
    }

    /// <summary>The limit of the whole request: ours, or the route's own YARP <c>Timeout</c> when that is shorter.</summary>
    private static TimeSpan? Total(TimeoutSettings timeouts, TimeSpan? route) =>
        route is not { } own || own <= TimeSpan.Zero ? timeouts.Total : timeouts.Total is { } total ? Min(total, own) : own;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static void WatchClient(HttpContext context, RequestRecord record, LimitSettings limits)
    {
        if (record.Last is not null) return; // watched since the first attempt
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            record.ClientBody = new ClientBody(context.Request.BodyReader, record, limits.RequestBodyIdle, Kept(context, record));
            context.Request.Body = record.ClientBody;
        }

        if (context.Request.Headers.ContainsKey("Upgrade") && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new WatchedUpgrade(upgrade, record));
        }

        if (HttpMethods.IsConnect(context.Request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect)
        {
            context.Features.Set<IHttpExtendedConnectFeature>(new WatchedConnect(connect, record));
        }
    }

    private static ReplayBuffer? Kept(HttpContext context, RequestRecord record)
    {
        var length = context.Request.ContentLength ?? 0;
        return record.ReplayLimit == 0 || length > record.ReplayLimit ? null : new ReplayBuffer(record.ReplayLimit, (int)length);
    }

    /// <summary>Begins the attempt once the user's transforms have made the outgoing request.</summary>
    private sealed class RecordingTransformer(
        HttpTransformer inner, RequestRecord record, string destination, string destinationUrl, TimeoutSettings timeouts, int headLimit, RoutePlan plan) : HttpTransformer
    {
        private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

        public override async ValueTask TransformRequestAsync(
            HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await inner.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            if (Tracing.Parent is { } parent)
            {
                proxyRequest.Headers.Remove("traceparent");
                proxyRequest.Headers.TryAddWithoutValidation("traceparent", parent);
            }

            if (plan.KeepsTarget && !HttpMethods.IsConnect(httpContext.Request.Method) && RequestTarget.AsWritten(httpContext) is { } target)
            {
                proxyRequest.RequestUri = new Uri(destinationPrefix.TrimEnd('/') + target, AsItIs);
            }

            HopMark.Add(httpContext, proxyRequest);
            record.Begin(destination, destinationUrl, timeouts, headLimit);
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse is not null && record.ThrowsAway is { } throwsAway && throwsAway(record, (int)proxyResponse.StatusCode)) return false;
            var copyBody = await inner.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
            if (proxyResponse is not null && record.Last is { } attempt && attempt.IsTroubled()) AnswerMark.Add(httpContext.Response, (int)proxyResponse.StatusCode);

            return copyBody;
        }

        public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken) =>
            inner.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
    }

    /// <summary>YARP wants the timeout middleware for routes with a Timeout; that one would look like a client that left. Ours keeps the limit.</summary>
    public sealed class OwnTimeouts : Microsoft.AspNetCore.Http.Timeouts.IHttpRequestTimeoutFeature
    {
        public static OwnTimeouts Instance { get; } = new();

        public CancellationToken RequestTimeoutToken => CancellationToken.None;

        public void DisableTimeout()
        {
        }
    }

    private static bool IsWebSocket(string? protocol) => string.Equals(protocol, "websocket", StringComparison.OrdinalIgnoreCase);

    private sealed class WatchedUpgrade(IHttpUpgradeFeature inner, RequestRecord record) : IHttpUpgradeFeature
    {
        public bool IsUpgradableRequest => inner.IsUpgradableRequest;

        public async Task<Stream> UpgradeAsync()
        {
            record.NoteTunnel();
            return new ClientTunnelStream(await inner.UpgradeAsync(), record, IsWebSocket(record.Context.Request.Headers.Upgrade));
        }
    }

    private sealed class WatchedConnect(IHttpExtendedConnectFeature inner, RequestRecord record) : IHttpExtendedConnectFeature
    {
        public bool IsExtendedConnect => inner.IsExtendedConnect;

        public string? Protocol => inner.Protocol;

        public async ValueTask<Stream> AcceptAsync()
        {
            record.NoteTunnel();
            return new ClientTunnelStream(await inner.AcceptAsync(), record, IsWebSocket(inner.Protocol));
        }
    }
}
