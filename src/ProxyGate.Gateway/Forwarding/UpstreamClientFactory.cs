using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Loops;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// Gives each cluster its upstream client. YARP asks again when a cluster's <c>HttpClient</c> section changes; a change of the cluster's
/// TLS in the <c>ProxyGate</c> section is taken up by <see cref="ClusterClient"/>.
/// </summary>
internal sealed class UpstreamClientFactory(IGatewaySettingsSource settings, NameChanges names, TimeProvider clock, ILogger<ForwarderHttpClientFactory> logger) : IForwarderHttpClientFactory
{
    private readonly ForwarderHttpClientFactory _viaProxy = new(logger);

    public HttpMessageInvoker CreateClient(ForwarderHttpClientContext context)
    {
        if (context.OldClient is not null && context.NewConfig == context.OldConfig) return context.OldClient;

        // Through a forward proxy there is no connection of our own to look at; YARP's client speaks CONNECT.
        if (context.NewConfig.WebProxy?.Address is not null) return new ProxiedClient(_viaProxy.CreateClient(new ForwarderHttpClientContext { ClusterId = context.ClusterId, NewConfig = context.NewConfig, NewMetadata = context.NewMetadata }));
        return new ClusterClient(context.ClusterId, context.NewConfig, settings, clock, names);
    }
}

/// <summary>What YARP knows as the cluster's client. Requests come with their attempt, by way of <see cref="AttemptInvoker"/>.</summary>
internal abstract class UpstreamClient() : HttpMessageInvoker(NoHandler, disposeHandler: false)
{
    private static readonly SocketsHttpHandler NoHandler = new();

    /// <summary>A base class's due; nothing is ever sent through it.</summary>
    public HttpMessageHandler NoOne => NoHandler;

    public abstract Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellationToken);

    public sealed override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("Upstream requests are sent through the recording forwarder only.");
}

/// <summary>Carries the attempt to the client: one small object instead of a dictionary of options on each request.</summary>
internal sealed class AttemptInvoker(UpstreamClient client, RequestRecord record) : HttpMessageInvoker(client.NoOne, disposeHandler: false)
{
    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        client.SendAsync(request, record.Last!, cancellationToken);
}

/// <summary>The cluster's <see cref="UpstreamHandler"/>, made anew when its TLS settings change; requests under way end on the old one.</summary>
internal sealed class ClusterClient : UpstreamClient
{
    private static readonly TimeSpan KeepOld = TimeSpan.FromMinutes(5);

    private readonly string _clusterId;
    private readonly HttpClientConfig _config;
    private readonly IGatewaySettingsSource _source;
    private readonly TimeProvider _clock;
    private readonly NameChanges? _names;
    private UpstreamTlsSettings _tls;
    private UpstreamHandler _current;
    private ITimer? _oldEnds;

    public ClusterClient(string clusterId, HttpClientConfig config, IGatewaySettingsSource source, TimeProvider clock, NameChanges? names = null)
    {
        (_clusterId, _config, _source, _clock, _names) = (clusterId, config, source, clock, names);
        _tls = source.Current.ForCluster(clusterId).UpstreamTls;
        _current = Make();
        source.Changed += Changed;
        if (names is not null) names.Changed += Learned;
    }

    public UpstreamHandler Handler => _current;

    private UpstreamHandler Make()
    {
        var tls = _config.DangerousAcceptAnyServerCertificate == true ? _tls with { Verify = false } : _tls;
        return new UpstreamHandler(new UpstreamTlsPolicy(tls, _config.SslProtocols ?? SslProtocols.None), _config.MaxConnectionsPerServer, _clock,
            _source.Current.Transport == TransportKind.EventLoop && EventLoops.AreThere ? EventLoops.OfThisProcess : null);
    }

    private void Learned(string name, IReadOnlyList<IPAddress> addresses) => _current.Learned(name, addresses);

    private void Changed(GatewaySettings settings)
    {
        var tls = settings.ForCluster(_clusterId).UpstreamTls;
        if (tls == _tls) return;
        _tls = tls;
        var old = Interlocked.Exchange(ref _current, Make());
        _oldEnds = _clock.CreateTimer(static s => ((UpstreamHandler)s!).Dispose(), old, KeepOld, Timeout.InfiniteTimeSpan);
    }

    public override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellationToken) =>
        _current.SendAsync(request, attempt, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _source.Changed -= Changed;
        if (_names is not null) _names.Changed -= Learned;
        _oldEnds?.Dispose();
        _current.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Records the little that can be seen of an attempt made through a forward proxy.</summary>
internal sealed class ProxiedClient(HttpMessageInvoker inner) : UpstreamClient
{
    public override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            var response = await inner.SendAsync(request, cancellationToken);
            attempt.UpstreamStatus = (int)response.StatusCode;
            attempt.HeadReceived = true;
            attempt.SendCompleted();
            attempt.Answered();
            return response;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            attempt.FailCancelled();
            throw;
        }
        catch (Exception e)
        {
            var socket = Attempt.Find<System.Net.Sockets.SocketException>(e);
            attempt.Fail(Diagnostics.Attempts.AttemptEnd.Unknown, socket?.SocketErrorCode, socket?.NativeErrorCode, e.Message, (e as HttpRequestException)?.HttpRequestError);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
