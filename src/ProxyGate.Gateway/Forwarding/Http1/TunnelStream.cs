using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>The upstream's side of an upgraded connection. Notes which side ended it, and how.</summary>
internal sealed class TunnelStream : AsyncOnlyStream, ITunnel
{
    private readonly Http1Connection _connection;
    private readonly Attempt _attempt;
    private readonly RequestRecord _record;
    private readonly WebSocketCloseScan? _scan;
    private volatile bool _clientClosed;
    private int _disposed;

    public TunnelStream(Http1Connection connection, bool webSocket)
    {
        _connection = connection;
        _attempt = connection.Attempt;
        _record = _attempt.Request;
        _scan = webSocket ? new WebSocketCloseScan() : null;
        _record.Tunnel = this;
        connection.TunnelActive();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await _connection.ReadTunnelAsync(buffer, cancellationToken);
            // YARP first asks with an empty buffer, to hold none while a tunnel is silent: 0 then means "there is something".
            if (buffer.IsEmpty) return 0;
            if (read == 0)
            {
                UpstreamClosed();
                return 0;
            }

            _connection.TunnelActive();
            _scan?.Feed(buffer.Span[..read]);
            _attempt.BodyBytesReceived += read;
            return read;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Note(e);
            throw new UpstreamBodyException(_attempt);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await _connection.WriteAsync(buffer);
            _connection.TunnelActive();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Note(e);
            throw new UpstreamBodyException(_attempt);
        }
    }

    private void UpstreamClosed()
    {
        // A tunnel of an unknown protocol may end with a plain close; a WebSocket may not, unless the client left first.
        if (_scan is null || _scan.CloseSeen || _clientClosed || _record.TunnelEnd != TunnelEnd.None)
        {
            if (_record.TunnelEnd == TunnelEnd.None) _record.TunnelEnd = TunnelEnd.Normal;
            _attempt.Answered();
            return;
        }

        _record.TunnelEnd = TunnelEnd.UpstreamBroke;
        _attempt.Fail(AttemptEnd.PeerClosed);
    }

    private void Note(Exception error)
    {
        if (_record.TunnelEnd != TunnelEnd.None) return;
        if (_attempt.TimedOut != TimeoutPhase.None)
        {
            _record.TunnelEnd = TunnelEnd.Idle;
            return;
        }

        if (_clientClosed || Volatile.Read(ref _disposed) != 0) return;
        if (_attempt.End == AttemptEnd.ClientGone)
        {
            // It was we who closed it, because the client had gone, before the client's side was read to its end.
            _record.TunnelEnd = TunnelEnd.ClientBroke;
            return;
        }

        _record.TunnelEnd = TunnelEnd.UpstreamBroke;
        _connection.Broken(error);
    }

    public async ValueTask ClientClosedAsync()
    {
        _clientClosed = true;
        try
        {
            if (_connection.Transport.Tls is { } tls) await tls.ShutdownAsync();
            _connection.Transport.Raw.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The upstream was quicker: there is nobody left to tell.
            _attempt.Answered();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            if (!_attempt.Failed) _attempt.Answered();
            _connection.Dispose();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;
}
