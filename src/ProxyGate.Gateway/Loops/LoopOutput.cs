using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// What a connection's protocol writes, sent by whoever flushes it: there is no other thread to wake. A flush is over when the kernel has all of it. That
/// the client has gone is no exception here; the flush tells that it is of no use any more, as Kestrel expects of a transport.
/// </summary>
internal sealed class LoopOutput(LoopSocket socket, MemoryPool<byte> pool, Action<SocketException> broke) : PipeWriter
{
    /// <summary>More than that is sent at once: it fills a system call by itself.</summary>
    private const int MostGathered = 16 * 1024;

    private static readonly byte[] s_nowhere = new byte[1];

    private readonly List<Part> _parts = [];
    private readonly Lock _gathering = new();
    private List<ArraySegment<byte>>? _sending;
    private KernelPipe? _pipe;
    private long _unflushed;
    private long _sentBefore;
    private volatile bool _isCanceled;
    private volatile bool _isBroken;
    private bool _isCompleted;

    // Where it gathers, all is done under the lock: the turn's end may come on another thread than the one that is writing.
    private Func<LoopOutput, bool>? _atTurnsEnd;
    private bool _isDue;
    private Task<FlushResult>? _late;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>
    /// What the pipe holds is written next, behind what was written before: the same number of bytes must be <see cref="Advance">advanced</see> then, by
    /// whoever writes here through others that count, and flushed. The pipe must stay until that flush is over.
    /// </summary>
    public void Append(KernelPipe pipe)
    {
        if (_pipe is not null) throw new InvalidOperationException("Flush what the last pipe holds first.");
        _pipe = pipe;
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_isCompleted) throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        var wanted = Math.Max(sizeHint, 1);
        // What comes next is in the pipe: this is asked for and not written into.
        if (_pipe is not null) return wanted <= s_nowhere.Length ? s_nowhere : throw new InvalidOperationException("Flush what the pipe holds first.");
        if (_parts.Count > 0)
        {
            var room = _parts[^1].Room;
            if (room.Length >= wanted) return room;
        }

        var part = wanted <= pool.MaxBufferSize ? new Part(pool.Rent(wanted), null) : new Part(null, ArrayPool<byte>.Shared.Rent(wanted));
        _parts.Add(part);
        return part.Room;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes == 0) return;
        // As many as the pipe holds are those: nothing else is written between the two.
        if (_pipe is null) _parts[^1].Add(bytes);
        _unflushed += bytes;
    }

    /// <summary>
    /// From now on what is written on a loop's thread leaves with what else is written in that turn, in one system call for all streams of a connection. A
    /// flush is over before that, as long as little is gathered; where the kernel does not take it, the next write waits. Only for one who writes
    /// with <see cref="WriteAsync"/>, as TLS does, and has nothing under way.
    /// </summary>
    /// <param name="atTurnsEnd">Sees to it that <see cref="SendGathered"/> is called soon; false: there is no turn, and it is sent at once.</param>
    public void Gather(Func<LoopOutput, bool> atTurnsEnd) => _atTurnsEnd = atTurnsEnd;

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_atTurnsEnd is null) return base.WriteAsync(source, cancellationToken);
        lock (_gathering)
        {
            if (_late is { IsCompleted: false } late) return WriteAfterAsync(late, source, cancellationToken);
            this.Write(source.Span);
            return SendLater(cancellationToken);
        }
    }

    private async ValueTask<FlushResult> WriteAfterAsync(Task<FlushResult> late, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        await late.WaitAsync(cancellationToken);
        return await WriteAsync(source, cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_atTurnsEnd is null) return SendAll(cancellationToken);
        lock (_gathering) return _late is { IsCompleted: false } late ? new ValueTask<FlushResult>(late) : SendLater(cancellationToken);
    }

    private ValueTask<FlushResult> SendLater(CancellationToken cancellationToken)
    {
        if (_unflushed is > 0 and <= MostGathered && !_isBroken && (_isDue || (_isDue = _atTurnsEnd!(this)))) return new ValueTask<FlushResult>(Ended());
        return SendGatheredAll(cancellationToken);
    }

    private ValueTask<FlushResult> SendGatheredAll(CancellationToken cancellationToken)
    {
        var sending = SendAll(cancellationToken);
        return sending.IsCompletedSuccessfully ? sending : new ValueTask<FlushResult>(_late = sending.AsTask());
    }

    /// <summary>The end of the turn in which it was written.</summary>
    public void SendGathered()
    {
        lock (_gathering)
        {
            _isDue = false;
            // What is being sent is all there is: nobody writes meanwhile.
            if (_late is { IsCompleted: false }) return;
            var sending = SendGatheredAll(CancellationToken.None);
            if (sending.IsCompletedSuccessfully) _ = sending.Result;
        }
    }

    private ValueTask<FlushResult> SendAll(CancellationToken cancellationToken)
    {
        if (_unflushed == 0 || _isBroken || _isCanceled) return new ValueTask<FlushResult>(Ended());
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        _sentBefore = socket.BytesSent;
        var sending = _pipe is not null ? SendPiped(_pipe, cancellationToken)
            : _parts.Count == 1 ? socket.SendAsync(_parts[0].Written, cancellationToken) : SendTogether(cancellationToken);
        if (!sending.IsCompletedSuccessfully) return AwaitAsync(sending);
        _ = sending.Result;
        Sent();
        return new ValueTask<FlushResult>(Ended());
    }

    private ValueTask<int> SendPiped(KernelPipe pipe, CancellationToken cancellationToken)
    {
        if (_parts.Count > 0) CollectParts();
        return socket.SendAsync(_parts.Count > 0 ? _sending : null, pipe, cancellationToken);
    }

    private ValueTask<int> SendTogether(CancellationToken cancellationToken)
    {
        CollectParts();
        return socket.SendAsync(_sending!, cancellationToken);
    }

    private void CollectParts()
    {
        _sending ??= [];
        _sending.Clear();
        foreach (var part in _parts)
        {
            if (MemoryMarshal.TryGetArray(part.Written, out var bytes) && bytes.Count > 0) _sending.Add(bytes);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AwaitAsync(ValueTask<int> sending)
    {
        try
        {
            await sending;
            Sent();
        }
        catch (SocketException e)
        {
            _isBroken = true;
            Drop();
            broke(e);
        }
        catch (OperationCanceledException)
        {
            Sent();
            if (!_isCanceled) throw;
        }

        return Ended();
    }

    private FlushResult Ended()
    {
        var canceled = _isCanceled;
        if (canceled) _isCanceled = false;
        return new FlushResult(canceled, _isBroken);
    }

    /// <summary>What the kernel has taken since the flush began is done with.</summary>
    private void Sent()
    {
        var sent = socket.BytesSent - _sentBefore;
        _unflushed -= sent;
        if (_unflushed == 0)
        {
            Drop();
            return;
        }

        var whole = 0;
        while (whole < _parts.Count && sent >= _parts[whole].Written.Length)
        {
            sent -= _parts[whole].Written.Length;
            _parts[whole++].Return();
        }

        _parts.RemoveRange(0, whole);
        if (_parts.Count > 0) _parts[0].Skip((int)sent);
    }

    private void Drop()
    {
        foreach (var part in _parts) part.Return();
        _parts.Clear();
        _pipe = null;
        _unflushed = 0;
    }

    public override void CancelPendingFlush()
    {
        _isCanceled = true;
        socket.CancelSend();
    }

    public override void Complete(Exception? exception = null) => _isCompleted = true;

    /// <summary>After the last write and before the connection is closed: what was written and never flushed goes out, too.</summary>
    public async ValueTask FinishAsync()
    {
        Complete();
        if (_atTurnsEnd is null)
        {
            await FlushAsync();
            return;
        }

        if (_late is { } late) await ((Task)late).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ValueTask<FlushResult> rest;
        lock (_gathering) rest = SendGatheredAll(CancellationToken.None);
        await rest;
    }

    /// <summary>Once it is closed.</summary>
    public void Release()
    {
        lock (_gathering) Drop();
    }

    /// <summary>A piece of memory and what is written in it.</summary>
    private sealed class Part(IMemoryOwner<byte>? owner, byte[]? array)
    {
        private readonly Memory<byte> _memory = owner?.Memory ?? array;
        private int _start;
        private int _end;

        public Memory<byte> Room => _memory[_end..];

        public ReadOnlyMemory<byte> Written => _memory[_start.._end];

        public void Add(int bytes)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(_memory.Length - _end), nameof(bytes));
            _end += bytes;
        }

        public void Skip(int bytes) => _start += bytes;

        public void Return()
        {
            if (array is not null) ArrayPool<byte>.Shared.Return(array);
            else owner!.Dispose();
        }
    }
}
