using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// Gives each cluster its upstream client. YARP asks again when a cluster's <c>HttpClient</c> section changes; a change of the cluster's
/// TLS in the <c>ProxyGate</c> section is taken up by <see cref="ClusterHandler"/>.
/// </summary>
internal sealed class UpstreamClientFactory(IGatewaySettingsSource settings, TimeProvider clock, ILogger<ForwarderHttpClientFactory> logger) : IForwarderHttpClientFactory
{
    private readonly ForwarderHttpClientFactory _viaProxy = new(logger);

    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context)
    {
        if (context.OldClient is not null && context.NewConfig == context.OldConfig) return context.OldClient;

        // Through a forward proxy there is no connection of our own to look at; YARP's client speaks CONNECT.
        if (context.NewConfig.WebProxy?.Address is not null) return new HttpMessageInvoker(new ProxiedHandler(_viaProxy.CreateClient(context)), disposeHandler: true);
        return new HttpMessageInvoker(new ClusterHandler(context.ClusterId, context.NewConfig, settings, clock), disposeHandler: true);
    }
}

/// <summary>The cluster's <see cref="UpstreamHandler"/>, made anew when its TLS settings change; requests under way end on the old one.</summary>
internal sealed class ClusterHandler : HttpMessageHandler
{
    private static readonly TimeSpan KeepOld = TimeSpan.FromMinutes(5);

    private readonly string _clusterId;
    private readonly HttpClientConfig _config;
    private readonly IGatewaySettingsSource _source;
    private readonly TimeProvider _clock;
    private UpstreamTlsSettings _tls;
    private Invoker _current;

    public ClusterHandler(string clusterId, HttpClientConfig config, IGatewaySettingsSource source, TimeProvider clock)
    {
        (_clusterId, _config, _source, _clock) = (clusterId, config, source, clock);
        _tls = source.Current.ForCluster(clusterId).UpstreamTls;
        _current = Make();
        source.Changed += Changed;
    }

    private Invoker Make()
    {
        var tls = _config.DangerousAcceptAnyServerCertificate == true ? _tls with { Verify = false } : _tls;
        return new Invoker(new UpstreamHandler(new UpstreamTlsPolicy(tls, _config.SslProtocols ?? SslProtocols.None), _config.MaxConnectionsPerServer, _clock));
    }

    private void Changed(GatewaySettings settings)
    {
        var tls = settings.ForCluster(_clusterId).UpstreamTls;
        if (tls == _tls) return;
        _tls = tls;
        var old = Interlocked.Exchange(ref _current, Make());
        old.DisposeAfter(KeepOld, _clock);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _current.SendAsync(request, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Changed -= Changed;
            _current.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class Invoker(UpstreamHandler handler) : HttpMessageInvoker(handler, disposeHandler: true)
    {
        private ITimer? _end;

        public void DisposeAfter(TimeSpan delay, TimeProvider clock) =>
            _end = clock.CreateTimer(
                static s =>
                {
                    var self = (Invoker)s!;
                    self._end?.Dispose();
                    self.Dispose();
                },
                this,
                delay,
                Timeout.InfiniteTimeSpan);
    }
}

/// <summary>Records the little that can be seen of an attempt made through a forward proxy.</summary>
internal sealed class ProxiedHandler(HttpMessageInvoker inner) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Options.TryGetValue(UpstreamHandler.AttemptKey, out var attempt);
        try
        {
            var response = await inner.SendAsync(request, cancellationToken);
            if (attempt is not null)
            {
                attempt.UpstreamStatus = (int)response.StatusCode;
                attempt.SendCompleted();
                attempt.Answered();
            }

            return response;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            attempt?.FailCancelled();
            throw;
        }
        catch (Exception e)
        {
            var socket = Attempt.Find<System.Net.Sockets.SocketException>(e);
            attempt?.Fail(
                Diagnostics.Attempts.AttemptEnd.Unknown, socket?.SocketErrorCode, socket?.NativeErrorCode, e.Message, (e as HttpRequestException)?.HttpRequestError);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
