using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// What a client sends, read by its protocol where it arrives. Memory is taken once there is something to read: an idle connection holds none, and as
/// nothing here is a state machine, waiting makes no object. It breaks with the exceptions that Kestrel expects of a transport.
/// </summary>
internal sealed class LoopInput : PipeReader, IValueTaskSource<ReadResult>
{
    private readonly LoopSocket _socket;
    private readonly LoopConnection _connection;
    private readonly MemoryPool<byte> _pool;
    private readonly Action _arrived;
    private ManualResetValueTaskSourceCore<ReadResult> _source;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _receiving;
    private CancellationToken _token;
    private InputSegment? _first;
    private InputSegment? _last;
    private InputSegment? _spare;
    private int _consumed;
    private bool _examinedAll;
    private bool _ended;
    private bool _asksOnly;
    private int _isWaiting;
    private int _isCanceled;
    private int _isCompleted;

    public LoopInput(LoopSocket socket, LoopConnection connection, MemoryPool<byte> pool)
    {
        (_socket, _connection, _pool) = (socket, connection, pool);
        _arrived = Arrived;
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfCompleted();
        return TryTake(out result);
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        if (TryTake(out var there)) return new ValueTask<ReadResult>(there);
        if (_ended) return new ValueTask<ReadResult>(Result(isCanceled: false));
        _token = cancellationToken;
        // Whether there is anything is asked before memory is taken for it.
        _asksOnly = _first is null;
        _source.Reset();
        var waiting = new ValueTask<ReadResult>(this, _source.Version);
        Volatile.Write(ref _isWaiting, 1);
        try
        {
            if (!TryReceive()) return waiting;
        }
        catch (Exception e)
        {
            Volatile.Write(ref _isWaiting, 0);
            return ValueTask.FromException<ReadResult>(Told(e));
        }

        Volatile.Write(ref _isWaiting, 0);
        return new ValueTask<ReadResult>(Result(isCanceled: false));
    }

    /// <summary>What is there already and was not looked at, or an end of waiting that was asked for.</summary>
    private bool TryTake(out ReadResult result)
    {
        if (Volatile.Read(ref _isCanceled) != 0)
        {
            result = Canceled();
            return true;
        }

        if (HasBytes && (!_examinedAll || _ended))
        {
            result = Result(isCanceled: false);
            return true;
        }

        result = default;
        return false;
    }

    private bool HasBytes => _first is not null && (_first != _last || _consumed < _first.End);

    private ReadResult Result(bool isCanceled)
    {
        if (HasBytes) return new ReadResult(new ReadOnlySequence<byte>(_first!, _consumed, _last!, _last!.End), isCanceled, _ended);
        // Taken for what did not come.
        if (_first is not null) Return();
        return new ReadResult(default, isCanceled, _ended);
    }

    private ReadResult Canceled()
    {
        Interlocked.Exchange(ref _isCanceled, 0);
        return Result(isCanceled: true);
    }

    /// <summary>True with bytes, or the end, taken in. False when they are waited for: whatever is next is done when they arrive.</summary>
    private bool TryReceive()
    {
        while (true)
        {
            var receiving = _socket.ReceiveAsync(_asksOnly ? default : Room(), _token);
            if (!receiving.IsCompleted)
            {
                _receiving = receiving.ConfigureAwait(false).GetAwaiter();
                // Cancelled before there was anything to cancel.
                if (Volatile.Read(ref _isCanceled) != 0) _socket.CancelReceive();
                _receiving.UnsafeOnCompleted(_arrived);
                return false;
            }

            if (Took(receiving.GetAwaiter().GetResult())) return true;
        }
    }

    /// <summary>False when it was only asked whether there is anything.</summary>
    private bool Took(int read)
    {
        if (_asksOnly)
        {
            _asksOnly = false;
            return false;
        }

        if (read == 0) _ended = true;
        else _last!.Add(read);
        _examinedAll = false;
        _connection.DidRead(read);
        return true;
    }

    /// <summary>What was waited for has come, or will not. Called where that was noticed.</summary>
    private void Arrived()
    {
        ReadResult result = default;
        Exception? error = null;
        try
        {
            if (!Took(_receiving.GetResult()) && !TryReceive()) return;
            result = Result(isCanceled: false);
        }
        catch (OperationCanceledException) when (!_token.IsCancellationRequested)
        {
            result = Canceled();
        }
        catch (Exception e)
        {
            error = Told(e);
        }

        Interlocked.Exchange(ref _isWaiting, 0);
        if (Volatile.Read(ref _isCompleted) != 0)
        {
            Free();
            error = new InvalidOperationException("The reader was completed while it read.");
        }

        if (error is null) _source.SetResult(result);
        else _source.SetException(error);
    }

    private Exception Told(Exception error)
    {
        if (error is not SocketException broken) return error;
        _connection.Broke(broken);
        return _connection.AbortReason as Exception ?? (broken.SocketErrorCode == SocketError.OperationAborted
            ? new ConnectionAbortedException("The connection was closed here.", broken)
            : new ConnectionResetException(broken.Message, broken));
    }

    private Memory<byte> Room()
    {
        if (_last is not null && _last.Room.Length >= _pool.MaxBufferSize / 2) return _last.Room;
        var next = _spare ?? new InputSegment();
        _spare = null;
        next.Begin(_pool.Rent(_pool.MaxBufferSize), _last);
        _first ??= next;
        _last = next;
        return next.Room;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ThrowIfCompleted();
        if (consumed.GetObject() is not InputSegment upTo || examined.GetObject() is not InputSegment seen) return; // of an empty result
        var (at, seenAt) = (consumed.GetInteger(), examined.GetInteger());
        if (_first is null || upTo.At(at) > seen.At(seenAt) || upTo.At(at) < _first.At(_consumed)) throw new InvalidOperationException("What was read is advanced in order, and no further than looked at.");
        _examinedAll = seen == _last && seenAt == _last.End;
        // Used up: not even the last segment is kept.
        var rest = at < upTo.End ? upTo : upTo.Following;
        while (_first != rest) Return();
        if (rest == upTo) _consumed = at;
    }

    /// <summary>Gives the first segment's memory back.</summary>
    private void Return()
    {
        var used = _first!;
        (_first, _consumed) = (used.Following, 0);
        if (_first is null) _last = null;
        used.Release();
        _spare = used;
    }

    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _isCanceled, 1);
        _socket.CancelReceive();
    }

    public override void Complete(Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0) return;
        // Not while the kernel may write there.
        if (Volatile.Read(ref _isWaiting) == 0) Free();
    }

    private void Free()
    {
        for (var next = Interlocked.Exchange(ref _first, null); next is not null;)
        {
            var following = next.Following;
            next.Release();
            next = following;
        }
    }

    private void ThrowIfCompleted()
    {
        if (Volatile.Read(ref _isCompleted) != 0) throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
    }

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
