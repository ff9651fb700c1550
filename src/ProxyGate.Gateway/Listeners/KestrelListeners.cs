using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Opens the addresses of the settings on Kestrel.</summary>
internal static class KestrelListeners
{
    private static readonly TimeSpan TlsHandshake = TimeSpan.FromSeconds(10);

    /// <summary>Everything the listeners need. Expects <see cref="IGatewaySettingsSource"/> and <see cref="TimeProvider"/> among the services.</summary>
    public static IServiceCollection AddListeners(this IServiceCollection services)
    {
        services.AddSingleton<CertificateStore>();
        services.AddHostedService(provider => provider.GetRequiredService<CertificateStore>());
        services.AddSingleton<BlockPool>();
        services.AddSingleton<IMemoryPoolFactory<byte>>(provider => provider.GetRequiredService<BlockPool>());
        services.AddHostedService<QuietMemory>();
        services.AddSingleton<PriorKnowledgeTransport>();
        services.TryAddSingleton<LastBeats>();
        services.TryAddSingleton<InheritedSockets>();
        services.TryAddSingleton<DrainState>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<PriorKnowledgeTransport>());
        services.AddSingleton<AcceptedConnections>();
        // The last that can is taken.
        services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
        services.AddSingleton<IConnectionListenerFactory, InheritedTransport>();
        services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = UnixSocketFile.Bind);
        services.AddSingleton<TrustedProxies>();
        services.AddOptions<KestrelServerOptions>().Configure<IServiceProvider>(Configure);
        return services;
    }

    private static void Configure(KestrelServerOptions options, IServiceProvider services)
    {
        var source = services.GetRequiredService<IGatewaySettingsSource>();
        Configure(options, source, services.GetRequiredService<CertificateStore>(), services.GetRequiredService<PriorKnowledgeTransport>(),
            services.GetRequiredService<LastBeats>(), services.GetRequiredService<TimeProvider>());
        // Kestrel reads its limits anew for each connection and request, so these need no restart.
        source.Changed += settings => Apply(options.Limits, settings.Limits);
    }

    public static void Configure(
        KestrelServerOptions options, IGatewaySettingsSource source, CertificateStore certificates, PriorKnowledgeTransport http2, LastBeats beats, TimeProvider time)
    {
        var settings = source.Current;
        options.AddServerHeader = false;
        // A proxy in front may end TLS and speak clear-text HTTP/2 with :scheme https. Whether that is believed is for UseTrustedProxies to say.
        options.AllowAlternateSchemes = true;
        Apply(options.Limits, settings.Limits);

        foreach (var address in settings.Listen.Select(Parse))
            Listen(options, address, isAdmin: false, source, certificates, http2, beats, time);
        if (settings.Admin.Listen is { } admin)
            Listen(options, Parse(admin), isAdmin: true, source, certificates, http2, beats, time);
        options.Listen(new PriorKnowledgeEndPoint(), listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.Use(beats.Follow);
        });
    }

    private static void Apply(KestrelServerLimits limits, LimitSettings settings)
    {
        limits.MaxRequestHeadersTotalSize = settings.RequestHeaders;
        // nginx refuses a request line as it refuses the whole head: by the same limit.
        limits.MaxRequestLineSize = settings.RequestHeaders;
        limits.MaxRequestHeaderCount = 200;
        limits.Http2.MaxRequestHeaderFieldSize = settings.RequestHeaders;
        limits.RequestHeadersTimeout = settings.RequestHeadersTimeout;
        limits.KeepAliveTimeout = settings.KeepAlive;
        limits.MaxRequestBodySize = settings.RequestBody;
        // The gateway has its own limit of a pause in an upload (Limits:RequestBodyIdle); a steady slow client is no fault.
        limits.MinRequestBodyDataRate = null;
        // A client that takes nothing of its answer for a minute has gone, whatever TCP says; one byte a second is enough to stay.
        limits.MinResponseDataRate = new MinDataRate(1, TimeSpan.FromMinutes(1));
    }

    private static void Listen(
        KestrelServerOptions options, ListenAddress address, bool isAdmin, IGatewaySettingsSource source, CertificateStore certificates, PriorKnowledgeTransport http2,
        LastBeats beats, TimeProvider time)
    {
        if (address.SocketPath is { } path)
            options.ListenUnixSocket(path, Build);
        else if (address is { IsLocalhost: true, Port: 0 })
            // Two families cannot be given one port by the system.
            options.Listen(IPAddress.Loopback, 0, Build);
        else if (address.IsLocalhost)
            options.ListenLocalhost(address.Port, Build);
        else if (Equals(address.Address, IPAddress.IPv6Any))
            options.ListenAnyIP(address.Port, Build);
        else
            options.Listen(address.Address!, address.Port, Build);

        void Build(ListenOptions listen)
        {
            var feature = new ListenerFeature(address, isAdmin);
            listen.Use(next => connection =>
            {
                connection.Features.Set(feature);
                connection.Features.Set(PeerOf(connection, feature));
                return next(connection);
            });
            if (address.IsHttps)
            {
                listen.Protocols = HttpProtocols.Http1AndHttp2;
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = TlsHandshake,
                    OnConnection = context => ValueTask.FromResult(
                        certificates.Choose(context.ClientHelloInfo.ServerName)
                        ?? throw new ConnectionAbortedException("There is no certificate to answer with.")),
                });
                listen.Use(GatherHttp2);
                listen.Use(beats.Follow);
            }
            else
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.Use(next => new PrefaceSwitch(next, http2, source, time).OnConnectionAsync);
            }
        }
    }

    /// <summary>Streams that answer at the same moment share the connection, and with it a system call.</summary>
    private static ConnectionDelegate GatherHttp2(ConnectionDelegate next) => connection =>
    {
        if (connection is LoopConnection onLoop && connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) == true) onLoop.GatherOutput();
        return next(connection);
    };

    private static RealPeer PeerOf(ConnectionContext connection, ListenerFeature listener) => connection.RemoteEndPoint is IPEndPoint ip
        ? new RealPeer(RealPeer.Plain(ip.Address), IsUnixSocket: false) { Listener = listener }
        : new RealPeer(null, IsUnixSocket: true) { Listener = listener };

    private static ListenAddress Parse(string text) =>
        ListenAddress.TryParse(text, out var address, out var mistake, out _) ? address : throw new ArgumentException($"{text} {mistake}");
}
