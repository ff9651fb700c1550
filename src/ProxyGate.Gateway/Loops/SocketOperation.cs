using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// One direction of a socket: tries, and where it would have to wait, waits for the loop to say that it is worth another try. One operation at a time.
/// </summary>
internal abstract class SocketOperation : IValueTaskSource<int>
{
    /// <summary>The last try found nothing, or took all there was: the loop will tell.</summary>
    private const int Unready = 0;

    /// <summary>There may be something.</summary>
    private const int Ready = 1;

    /// <summary>Somebody waits for it.</summary>
    private const int Waiting = 2;
    private const int Closed = 3;

    private int _state = Ready;
    private ManualResetValueTaskSourceCore<int> _source;
    private volatile bool _isCanceled;
    private CancellationToken _token;
    private CancellationTokenRegistration _cancel;

    /// <summary>Tries without waiting.</summary>
    /// <param name="count">The bytes read.</param>
    /// <param name="mayBeMore">Whether another try may find something, too.</param>
    protected abstract SocketError Try(out int count, out bool mayBeMore);

    /// <summary>Nobody needs the buffers any more.</summary>
    protected abstract void Forget();

    protected ValueTask<int> RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Ready:
                    // Taken before the try: what the loop says meanwhile is not lost.
                    if (Interlocked.CompareExchange(ref _state, Unready, Ready) != Ready) continue;
                    var error = Attempt(out var count);
                    if (error == SocketError.WouldBlock) continue;
                    Forget();
                    return error == SocketError.Success ? new ValueTask<int>(count) : ValueTask.FromException<int>(new SocketException((int)error));
                case Closed:
                    Forget();
                    return ValueTask.FromException<int>(new SocketException((int)SocketError.OperationAborted));
                default:
                    if (TryWait(cancellationToken, out var waiting)) return waiting;
                    break;
            }
        }
    }

    private bool TryWait(CancellationToken cancellationToken, out ValueTask<int> waiting)
    {
        _source.Reset();
        _source.RunContinuationsAsynchronously = false;
        _isCanceled = false;
        waiting = new ValueTask<int>(this, _source.Version);
        if (cancellationToken.CanBeCanceled)
        {
            _token = cancellationToken;
            _cancel = cancellationToken.UnsafeRegister(static s => ((SocketOperation)s!).Cancel(), this);
        }

        if (Interlocked.CompareExchange(ref _state, Waiting, Unready) != Unready)
        {
            EndCancel();
            return false;
        }

        // It may have come before there was anything to cancel.
        if (cancellationToken.IsCancellationRequested) Cancel();
        return true;
    }

    /// <summary>The loop says that it is worth a try. Nothing is tried here.</summary>
    /// <returns>Whether somebody waits for that.</returns>
    public bool Note() => Interlocked.CompareExchange(ref _state, Ready, Unready) == Waiting;

    /// <summary>The loop says that it is worth a try.</summary>
    public void Signal()
    {
        while (true)
        {
            switch (Volatile.Read(ref _state))
            {
                case Unready:
                    if (Interlocked.CompareExchange(ref _state, Ready, Unready) == Unready) return;
                    break;
                case Waiting:
                    if (Interlocked.CompareExchange(ref _state, Unready, Waiting) != Waiting) break;
                    if (TryForWaiter()) return;
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>False when the waiter waits again, or should, and there was another signal meanwhile.</summary>
    private bool TryForWaiter()
    {
        while (true)
        {
            var error = Attempt(out var count);
            if (error != SocketError.WouldBlock)
            {
                Complete(error, count);
                return true;
            }

            switch (Interlocked.CompareExchange(ref _state, Waiting, Unready))
            {
                case Unready:
                    // It may have been cancelled during the try, when nobody waited.
                    if (_isCanceled) Cancel();
                    return true;
                case Closed:
                    Abort();
                    return true;
                default:
                    // Another signal, during the try.
                    Interlocked.CompareExchange(ref _state, Unready, Ready);
                    break;
            }
        }
    }

    private SocketError Attempt(out int count)
    {
        SocketError error;
        bool mayBeMore;
        try
        {
            error = Try(out count, out mayBeMore);
        }
        catch (ObjectDisposedException)
        {
            (error, count, mayBeMore) = (SocketError.OperationAborted, 0, false);
        }

        // An error, too, is there for the next one who asks.
        if (error != SocketError.WouldBlock && (mayBeMore || error != SocketError.Success)) Interlocked.CompareExchange(ref _state, Ready, Unready);
        return error;
    }

    private void Complete(SocketError error, int count)
    {
        Forget();
        if (error == SocketError.Success) _source.SetResult(count);
        else _source.SetException(new SocketException((int)error));
    }

    /// <summary>Ends who waits, on another thread: the one that closes has more to do.</summary>
    private void Abort()
    {
        _source.RunContinuationsAsynchronously = true;
        Complete(SocketError.OperationAborted, 0);
    }

    /// <summary>Ends who waits, if somebody does.</summary>
    public void Cancel()
    {
        _isCanceled = true;
        if (Interlocked.CompareExchange(ref _state, Unready, Waiting) != Waiting) return;
        // What may have come is for the next one.
        Interlocked.CompareExchange(ref _state, Ready, Unready);
        Forget();
        _source.RunContinuationsAsynchronously = true;
        _source.SetException(new OperationCanceledException(_token));
    }

    /// <summary>Whoever waits, and whoever comes, is told that it is over.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _state, Closed) == Waiting) Abort();
    }

    private void EndCancel()
    {
        if (!_token.CanBeCanceled) return;
        _token = default;
        _cancel.Dispose();
        _cancel = default;
    }

    int IValueTaskSource<int>.GetResult(short token)
    {
        EndCancel();
        return _source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
