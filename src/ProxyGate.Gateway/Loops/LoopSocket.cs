using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// A stream socket whose reads and writes go on where its loop hears of their bytes. One reader and one writer at a time. A read that brought less than
/// there was room for has taken all there was, so an idle connection costs no try in vain.
/// </summary>
internal sealed class LoopSocket : IDisposable
{
    private const uint Broken = Epoll.Error | Epoll.HangUp;

    private readonly Socket _socket;
    private readonly EventLoop _loop;
    private readonly Reading _reading;
    private readonly Writing _writing;
    private volatile bool _mayHaveEnded;
    private int _closed;

    /// <summary>Of a socket that is to be <see cref="ConnectAsync">connected</see>, or is, and <see cref="Begin">begins</see> here.</summary>
    public LoopSocket(Socket socket, EventLoop loop)
    {
        (_socket, _loop) = (socket, loop);
        _reading = new Reading(this, socket.AddressFamily == AddressFamily.Unix);
        _writing = new Writing(this);
        socket.Blocking = false;
    }

    /// <summary>Called on the loop when the peer has closed its side, or the connection broke. There may be bytes from before.</summary>
    public Action? PeerEnded { get; set; }

    /// <summary>Given out by its loop; 0 until then.</summary>
    public ulong Key { get; set; }

    /// <summary>Whether the loop has heard that the peer closed its side, or the connection broke.</summary>
    public bool MayHaveEnded => _mayHaveEnded;

    /// <summary>The bytes the kernel took, also of a write that was not finished.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Takes over a connection.</summary>
    public static LoopSocket Over(Socket connected, EventLoop loop)
    {
        var made = new LoopSocket(connected, loop);
        made.Begin();
        return made;
    }

    /// <summary>Connects, without an exception when that fails.</summary>
    /// <returns>The error, and its number where the kernel gave it at once.</returns>
    public async ValueTask<(SocketError Error, int? Errno)> ConnectAsync(EndPoint to)
    {
        try
        {
            var errno = Epoll.Connect(_socket.SafeHandle, to);
            if (errno is not (0 or Epoll.InProgress)) return (SocketError.SocketError, errno);
            Begin();
            if (errno == 0) return (SocketError.Success, null);
            await _writing.ConnectedAsync();
            return ((SocketError)(int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!, null);
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // Closed while it was being connected.
            return ((e as SocketException)?.SocketErrorCode ?? SocketError.OperationAborted, null);
        }
    }

    /// <summary>Reads what there is; 0 at the peer's close. An empty buffer asks only whether there may be something.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _reading.ReceiveAsync(buffer, cancellationToken);

    /// <summary>Waits until there is something to read, and leaves it there; 0 at the peer's close.</summary>
    public ValueTask<int> PeekAsync(CancellationToken cancellationToken = default) => _reading.PeekAsync(cancellationToken);

    /// <summary>Writes all of it.</summary>
    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => _writing.SendAsync(bytes, cancellationToken);

    /// <summary>Writes all of them in turn, as far as can be together. The list is used up.</summary>
    public ValueTask<int> SendAsync(List<ArraySegment<byte>> parts, CancellationToken cancellationToken = default) => _writing.SendAsync(parts, cancellationToken);

    /// <summary>Takes what there is into the pipe, which must be empty; 0 at the peer's close.</summary>
    public ValueTask<int> FillAsync(KernelPipe pipe, int most, CancellationToken cancellationToken = default) => _reading.FillAsync(pipe, most, cancellationToken);

    /// <summary>Writes all of the parts, and then all that the pipe holds.</summary>
    public ValueTask<int> SendAsync(List<ArraySegment<byte>>? parts, KernelPipe pipe, CancellationToken cancellationToken = default) => _writing.SendAsync(parts, pipe, cancellationToken);

    /// <summary>Ends a read that waits, as its token would.</summary>
    public void CancelReceive() => _reading.Cancel();

    /// <summary>Ends a write that waits, as its token would.</summary>
    public void CancelSend() => _writing.Cancel();

    /// <summary>Whether the next read would find the end, whatever was read before.</summary>
    public bool IsAtEnd()
    {
        try
        {
            return Peek(out var error) == 0 && error != SocketError.WouldBlock;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private int Peek(out SocketError error)
    {
        Span<byte> one = stackalloc byte[1];
        return _socket.Receive(one, SocketFlags.Peek, out error);
    }

    /// <summary>Called by the loop when the work is not to be done there.</summary>
    /// <returns>Whether there is work: somebody waits for what has happened.</returns>
    public bool Note(uint events)
    {
        NoteEnd(events);
        var read = (events & (Broken | Epoll.PeerShutDown | Epoll.In)) != 0 && _reading.Note();
        var write = (events & (Broken | Epoll.Out)) != 0 && _writing.Note();
        if (_mayHaveEnded) PeerEnded?.Invoke();
        return read || write;
    }

    /// <summary>Called by the loop, or by who does its work: whoever waits goes on here.</summary>
    public void Happened(uint events)
    {
        NoteEnd(events);
        if ((events & (Broken | Epoll.PeerShutDown | Epoll.In)) != 0) _reading.Signal();
        if ((events & (Broken | Epoll.Out)) != 0) _writing.Signal();
        if (_mayHaveEnded) PeerEnded?.Invoke();
    }

    /// <summary>Before the read that it may lead to: a short one does not mean that nothing follows then.</summary>
    private void NoteEnd(uint events)
    {
        if ((events & (Broken | Epoll.PeerShutDown)) != 0) _mayHaveEnded = true;
    }

    /// <summary>From now on its loop tells what happens to it.</summary>
    public void Begin()
    {
        _loop.Add(this, _socket.SafeHandle);
        // Closed by another thread before it was there.
        if (Volatile.Read(ref _closed) != 0) _loop.Remove(Key);
    }

    /// <summary>Ends what is under way here. The socket itself is its owner's to close, right after.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        if (Key != 0) _loop.Remove(Key);
        _reading.Close();
        _writing.Close();
    }

    private sealed class Reading(LoopSocket owner, bool mayStopShort) : SocketOperation
    {
        private Memory<byte> _buffer;
        private bool _peeks;
        private KernelPipe? _pipe;
        private int _most;

        public ValueTask<int> PeekAsync(CancellationToken cancellationToken)
        {
            _peeks = true;
            return RunAsync(cancellationToken);
        }

        public ValueTask<int> FillAsync(KernelPipe pipe, int most, CancellationToken cancellationToken)
        {
            (_pipe, _most) = (pipe, most);
            return RunAsync(cancellationToken);
        }

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            _buffer = buffer;
            return RunAsync(cancellationToken);
        }

        protected override SocketError Try(out int count, out bool mayBeMore)
        {
            if (_pipe is { } pipe)
            {
                var errno = pipe.Fill(owner._socket.SafeHandle, _most, out count);
                // It may be the pipe that was full, and not the socket that has no more.
                mayBeMore = errno == 0;
                return Errno.Named(errno);
            }

            if (_buffer.IsEmpty)
            {
                (count, mayBeMore) = (0, true);
                var found = SocketError.Success;
                if (_peeks) count = owner.Peek(out found);
                return found;
            }

            count = owner._socket.Receive(_buffer.Span, SocketFlags.None, out var error);
            mayBeMore = error == SocketError.Success && (count == _buffer.Length || mayStopShort || owner._mayHaveEnded);
            return error;
        }

        protected override void Forget() => (_buffer, _pipe, _peeks) = (default, null, false);
    }

    private sealed class Writing(LoopSocket owner) : SocketOperation
    {
        private ReadOnlyMemory<byte> _left;
        private List<ArraySegment<byte>>? _parts;
        private KernelPipe? _pipe;
        private bool _isConnecting;

        public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _left = bytes;
            return RunAsync(cancellationToken);
        }

        public ValueTask<int> SendAsync(List<ArraySegment<byte>> parts, CancellationToken cancellationToken)
        {
            _parts = parts;
            return RunAsync(cancellationToken);
        }

        public ValueTask<int> SendAsync(List<ArraySegment<byte>>? parts, KernelPipe pipe, CancellationToken cancellationToken)
        {
            (_parts, _pipe) = (parts, pipe);
            return RunAsync(cancellationToken);
        }

        /// <summary>Until the kernel says how the connecting went.</summary>
        public ValueTask<int> ConnectedAsync()
        {
            _isConnecting = true;
            return RunAsync(CancellationToken.None);
        }

        protected override SocketError Try(out int count, out bool mayBeMore)
        {
            mayBeMore = true; // room for more, that is: it did not have to wait
            count = 0; // what was sent is counted by the socket, also where the rest must wait
            if (_isConnecting) return TryConnected();
            var error = SocketError.Success;
            while (error == SocketError.Success && (_parts is { Count: > 0 } || !_left.IsEmpty)) error = _parts is null ? SendLeft() : SendParts();
            while (error == SocketError.Success && _pipe is { Held: > 0 } pipe) error = SendPiped(pipe);
            return error;
        }

        private SocketError SendPiped(KernelPipe pipe)
        {
            var errno = pipe.Empty(owner._socket.SafeHandle, out var sent);
            owner.BytesSent += sent;
            return Errno.Named(errno);
        }

        private SocketError SendLeft()
        {
            // Some of it may have been sent even when the rest would have to wait.
            var sent = owner._socket.Send(_left.Span, SocketFlags.None, out var error);
            _left = _left[sent..];
            owner.BytesSent += sent;
            return error;
        }

        private SocketError SendParts()
        {
            var parts = _parts!;
            var error = SocketError.Success;
            var sent = _pipe is null ? owner._socket.Send(parts, SocketFlags.None, out error) : SendBeforePipe(parts[0], out error);
            owner.BytesSent += sent;
            var whole = 0;
            while (whole < parts.Count && sent >= parts[whole].Count) sent -= parts[whole++].Count;
            parts.RemoveRange(0, whole);
            if (sent > 0) parts[0] = parts[0][sent..];
            return error;
        }

        /// <summary>What follows comes at once: not a packet of its own.</summary>
        private int SendBeforePipe(ReadOnlySpan<byte> bytes, out SocketError error)
        {
            var errno = KernelPipe.SendBefore(owner._socket.SafeHandle, bytes, out var sent);
            error = Errno.Named(errno);
            return sent;
        }

        /// <summary>Writable or broken: connected or not.</summary>
        private SocketError TryConnected()
        {
            if (!owner._socket.Poll(0, SelectMode.SelectWrite)) return SocketError.WouldBlock;
            _isConnecting = false;
            return SocketError.Success;
        }

        protected override void Forget() => (_left, _parts, _pipe) = (default, null, null);
    }
}
