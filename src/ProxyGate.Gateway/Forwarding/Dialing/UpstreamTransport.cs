using System.Net.Security;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>One established connection to an upstream and the facts of how it came to be.</summary>
internal sealed class UpstreamTransport(SocketStream raw, SslStream? tls, DialResult dial, TlsFacts? tlsFacts) : IDisposable
{
    public SocketStream Raw => raw;

    /// <summary>The stream HTTP is spoken on.</summary>
    public Stream Stream { get; } = (Stream?)tls ?? raw;

    public SslStream? Tls => tls;

    public DialResult Dial => dial;

    public TlsFacts? TlsFacts => tlsFacts;

    public bool IsHttp2 => tls?.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;

    /// <summary>The kernel's view for a request that began when <paramref name="rawOutBefore"/> bytes had been written.</summary>
    public TcpFacts? ReadTcpInfo(long rawOutBefore) => TcpInfo.Read(raw.Socket, rawOutBefore, raw.BytesOut - rawOutBefore);

    /// <summary>Our own end; absent once the socket is closed.</summary>
    public string? ReadLocalAddress() => raw.LocalEndPoint?.ToString();

    public void Dispose()
    {
        // The socket first: an orderly TLS goodbye could block on a peer that is gone.
        raw.Dispose();
        tls?.Dispose();
    }
}
