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
/// The seam of forwarding that YARP knows: whoever chose the route, the request goes to the upstream through here and its attempt is recorded.
/// Around YARP's forwarder it adds the record, the limits of each phase and the watch over the client's side. A request that needs nothing of YARP's
/// goes the same way without it, by <see cref="DirectStep"/>.
/// </summary>
internal sealed class RecordingForwarder(IHttpForwarder inner, IGatewaySettingsSource settings, RoutePlans plans, DrainState drain, TimeProvider clock) : IHttpForwarder
{
    private static readonly ConditionalWeakTable<ForwarderRequestConfig, ForwarderRequestConfig> WithoutTimeout = [];

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer) =>
        SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer, drain.Over);

    public ValueTask<ForwarderError> SendAsync(
        HttpContext context,
        string destinationPrefix,
        HttpMessageInvoker httpClient,
        ForwarderRequestConfig requestConfig,
        HttpTransformer transformer,
        CancellationToken cancellationToken)
    {
        var record = RequestRecord.Of(context) ?? new RequestRecord(context, clock);
        record.Drain = drain;
        var proxy = record.Proxy;
        var current = settings.Current;
        var cluster = record.Settings ?? current.ForCluster(proxy?.Cluster.Config.ClusterId ?? "");
        var timeouts = AttemptLimits.Of(current.TimeoutsOf(proxy?.Route.Config.RouteId, cluster), requestConfig);
        WatchClient(context, record, current.Limits);
        var destination = proxy?.ProxiedDestination;
        var exchange = new Exchange(
            record, destination, destination?.DestinationId ?? destinationPrefix, (destination is null ? null : RouteInForce.AddressIn(proxy!.Cluster, destination)) ?? destinationPrefix,
            (UpstreamClient)httpClient, requestConfig, plans.Of(proxy?.Route.Config), timeouts, current.Limits.ResponseHeaders);
        var direct = current.Forwarder == ForwarderKind.Direct;
        return AttemptLimits.Total(timeouts, proxy?.Route.Config.Timeout) is { } total
            ? WithinAsync(total, exchange, transformer, direct, cancellationToken)
            : ForwardAsync(exchange, transformer, direct, cancellationToken);
    }

    /// <summary>One limit for all attempts, counted from the request's beginning.</summary>
    private async ValueTask<ForwarderError> WithinAsync(TimeSpan total, Exchange exchange, HttpTransformer transformer, bool direct, CancellationToken cancellationToken)
    {
        var record = exchange.Record;
        record.TotalLimit = total;
        var left = total - record.Elapsed;
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // Registered last, so called first: whoever is cancelled must find it noted.
        using var expired = limit.Token.UnsafeRegister(static s => ((RequestRecord)s!).TotalPassed(), record);
        return await ForwardAsync(exchange, transformer, direct, linked.Token);
    }

    /// <summary>Directly where nothing needs YARP's message, else through its forwarder.</summary>
    private ValueTask<ForwarderError> ForwardAsync(in Exchange exchange, HttpTransformer transformer, bool direct, CancellationToken cancellationToken) =>
        direct && DirectForwarder.TryBegin(exchange) is { } begun
            ? DirectForwarder.SendAsync(begun, new RequestEnds(exchange.Record.Context.RequestAborted, cancellationToken))
            : ThroughYarpAsync(exchange, transformer, cancellationToken);

    private async ValueTask<ForwarderError> ThroughYarpAsync(Exchange exchange, HttpTransformer transformer, CancellationToken cancellationToken)
    {
        var (record, _, destination, address, client, config, plan, timeouts, headLimit) = exchange;
        var context = record.Context;
        // Before the route's own transforms: what those set is not the client's to take out.
        ConnectionField.TakeOutNamed(context.Request.Headers);
        // Our own limits know which phase they cut; YARP's single one does not, and would count a slow client against the upstream.
        var unlimited = WithoutTimeout.GetValue(config, static c => c with { ActivityTimeout = Timeout.InfiniteTimeSpan });
        var recording = new RecordingTransformer(transformer, record, destination, address, timeouts, headLimit, plan);
        return AttemptEnding.Settle(context, record, await inner.SendAsync(context, address, new AttemptInvoker(client, record), unlimited, recording, cancellationToken));
    }

    /// <summary>Before the first attempt: what becomes of the client meanwhile is to be known.</summary>
    public static void WatchClient(HttpContext context, RequestRecord record, LimitSettings limits)
    {
        if (record.WatchesClient) return;
        record.WatchesClient = true;
        if (context.Features[typeof(IHttpRequestBodyDetectionFeature)] is IHttpRequestBodyDetectionFeature { CanHaveBody: true })
        {
            record.ClientBody = new ClientBody(context.Request.BodyReader, record, limits.RequestBodyIdle, Kept(context, record));
            context.Request.Body = record.ClientBody;
        }

        if (context.Request.Headers.Upgrade.Count > 0 && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } upgrade)
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
            proxyRequest.Headers.Remove("traceparent");
            proxyRequest.Headers.TryAddWithoutValidation("traceparent", record.Trace.Parent);
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

        public override ValueTask TransformResponseTrailersAsync(HttpContext httpContext, HttpResponseMessage proxyResponse, CancellationToken cancellationToken)
        {
            var transformed = inner.TransformResponseTrailersAsync(httpContext, proxyResponse, cancellationToken);
            return record is { ClientBody: { } upload, Last: { RequestComplete: false } attempt } ? EndEarlyAsync(transformed, httpContext.Response, upload, attempt) : transformed;
        }

        /// <summary>
        /// The answer is whole before the upload is. YARP would keep the answer's end back until the client has sent everything, which one that has its
        /// answer may never do. On HTTP/1.1 the rest has nowhere to go; a stream of HTTP/2 still takes it.
        /// </summary>
        private static async ValueTask EndEarlyAsync(ValueTask transformed, HttpResponse response, ClientBody upload, Attempt attempt)
        {
            await transformed;
            await response.CompleteAsync();
            if (attempt.Protocol == "http/1.1") upload.Stop();
        }
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
