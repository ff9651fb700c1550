using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>
/// The raw bytes of one upstream connection, below TLS: counts them, remembers the first ones received and how the peer ended it.
/// </summary>
/// <param name="socket">The connection.</param>
/// <param name="loop">The same on its loop, where there are loops.</param>
internal sealed class SocketStream(Socket socket, LoopSocket? loop = null) : AsyncOnlyStream
{
    public const int FirstBytesKept = 64;

    private readonly byte[] _first = new byte[FirstBytesKept];
    private int _firstCount;
    private long _bytesOut;

    public Socket Socket => socket;

    /// <summary>Raw bytes received and sent since the connection was made.</summary>
    public long BytesIn { get; private set; }

    public long BytesOut => loop?.BytesSent ?? _bytesOut;

    /// <summary>Whether the peer closed in order (FIN).</summary>
    public bool PeerClosed { get; private set; }

    /// <summary>
    /// Reading just ended, but there is no connection any more: after a FIN alone there would be half of one. It was reset, and whoever wrote at that
    /// moment got the error instead of the reader. Means nothing once we have said goodbye ourselves.
    /// </summary>
    public bool EndedByReset { get; private set; }

    /// <summary>The first socket error met, unless we closed the socket ourselves.</summary>
    public SocketException? Error { get; private set; }

    /// <summary>Our own end; absent once the socket is closed, and of a unix socket.</summary>
    public IPEndPoint? LocalEndPoint
    {
        get
        {
            try
            {
                return loop is not null && socket.AddressFamily != AddressFamily.Unix ? Epoll.LocalEndPoint(socket) : socket.LocalEndPoint as IPEndPoint;
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException)
            {
                return null; // closed meanwhile; the look does without
            }
        }
    }

    public ReadOnlySpan<byte> FirstBytes => _first.AsSpan(0, _firstCount);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> pending;
        try
        {
            pending = Receive(buffer, cancellationToken);
        }
        catch (SocketException e)
        {
            Note(e);
            throw;
        }

        if (!pending.IsCompletedSuccessfully) return AwaitRead(pending, buffer);
        var read = pending.Result;
        NoteRead(buffer.Span, read);
        return new ValueTask<int>(read);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitRead(ValueTask<int> pending, Memory<byte> buffer)
    {
        try
        {
            var read = await pending.ConfigureAwait(false);
            NoteRead(buffer.Span, read);
            return read;
        }
        catch (SocketException e)
        {
            Note(e);
            throw;
        }
    }

    /// <summary>Whether its bytes can go on without being seen here.</summary>
    public bool CanFill => loop is not null;

    /// <summary>Takes what there is into the pipe; 0 at the peer's close.</summary>
    public async ValueTask<int> FillAsync(KernelPipe pipe, int most)
    {
        try
        {
            var read = await loop!.FillAsync(pipe, most).ConfigureAwait(false);
            if (read == 0) NoteEnd();
            BytesIn += read;
            return read;
        }
        catch (SocketException e)
        {
            Note(e);
            throw;
        }
    }

    /// <summary>A read without what is noted of it: for whoever calls <see cref="NoteRead"/> or <see cref="Note"/> once it has ended.</summary>
    public ValueTask<int> BeginRead(Memory<byte> buffer) => Receive(buffer, CancellationToken.None);

    private ValueTask<int> Receive(Memory<byte> buffer, CancellationToken cancellationToken) =>
        loop?.ReceiveAsync(buffer, cancellationToken) ?? socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    public void NoteRead(ReadOnlySpan<byte> buffer, int read)
    {
        if (read == 0)
        {
            // A zero-byte read asks only "is there something"; it says nothing about the peer.
            if (buffer.Length > 0) NoteEnd();
            return;
        }

        if (_firstCount < FirstBytesKept)
        {
            var take = Math.Min(read, FirstBytesKept - _firstCount);
            buffer[..take].CopyTo(_first.AsSpan(_firstCount));
            _firstCount += take;
        }

        BytesIn += read;
    }

    private void NoteEnd() => (PeerClosed, EndedByReset) = (true, TcpInfo.IsOver(socket));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (loop is null) return SendAsync(buffer, cancellationToken);
        var sending = loop.SendAsync(buffer, cancellationToken);
        if (!sending.IsCompletedSuccessfully) return AwaitSend(sending);
        _ = sending.Result;
        return ValueTask.CompletedTask;
    }

    private async ValueTask AwaitSend(ValueTask<int> sending)
    {
        try
        {
            await sending.ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            Note(e);
            throw;
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            while (buffer.Length > 0)
            {
                var sent = await socket.SendAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                _bytesOut += sent;
                buffer = buffer[sent..];
            }
        }
        catch (SocketException e)
        {
            Note(e);
            throw;
        }
    }

    public void Note(SocketException e)
    {
        if (e.SocketErrorCode != SocketError.OperationAborted) Error ??= e;
    }

    /// <summary>
    /// Says goodbye in order (FIN). Closing alone would be a reset while a read is pending, as on every idle connection, and apps log resets.
    /// </summary>
    public void Finish()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster, or it is closed already: there is nobody to say it to.
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            loop?.Dispose();
            socket.Dispose();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;
}
