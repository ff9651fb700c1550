using System.Net.Security;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>What connecting gave: a transport, or the facts of why there is none.</summary>
internal sealed record ConnectOutcome(DialResult Dial, TlsResult? Tls, UpstreamTransport? Transport)
{
    /// <summary>Of a failed handshake: what the wire and the kernel showed.</summary>
    public byte[] RawFirstBytes { get; init; } = [];

    public long RawBytesIn { get; init; }

    public TcpFacts? Tcp { get; init; }

    public System.Net.Sockets.SocketException? RawError { get; init; }
}

/// <summary>Makes connections for one cluster: dial, then TLS where configured.</summary>
internal sealed class Connector(Dialer dialer, UpstreamTlsPolicy tls, TimeProvider clock)
{
    public static readonly List<SslApplicationProtocol> Http1Only = [SslApplicationProtocol.Http11];
    public static readonly List<SslApplicationProtocol> Http2Only = [SslApplicationProtocol.Http2];
    public static readonly List<SslApplicationProtocol> Either = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];

    public async Task<ConnectOutcome> ConnectAsync(
        UpstreamTarget target, List<SslApplicationProtocol> alpn, TimeoutSettings timeouts, CancellationToken cancellationToken)
    {
        var dial = await dialer.DialAsync(target, timeouts, cancellationToken);
        if (dial.Socket is null) return new ConnectOutcome(dial, null, null);

        var raw = new SocketStream(dial.Socket, dial.Loop);
        if (!target.UsesTls) return new ConnectOutcome(dial, null, new UpstreamTransport(raw, null, dial, null));

        try
        {
            var result = await TlsClient.HandshakeAsync(raw, target.Host, tls, alpn, timeouts.Tls, clock, cancellationToken);
            if (result.Stream is not null) return new ConnectOutcome(dial, result, new UpstreamTransport(raw, result.Stream, dial, result.Facts));
            return new ConnectOutcome(dial, result, null)
            {
                RawFirstBytes = raw.FirstBytes.ToArray(),
                RawBytesIn = raw.BytesIn,
                RawError = raw.Error,
                Tcp = result.Tcp,
            };
        }
        catch (OperationCanceledException)
        {
            await raw.DisposeAsync();
            throw;
        }
    }
}
