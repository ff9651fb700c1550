using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// How many requests a destination has at once, and who waits. The queue evens out bursts; when it has not been empty for a while there is
/// more work than the destination can do, and then nobody waits for long: the newest go first and the others are told at once, so that
/// those taken keep their speed (the controlled-delay idea of RFC 8289, applied to requests).
/// </summary>
internal sealed class DestinationGate
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _lastEmpty;
    private int _underWay;

    public DestinationGate(TimeProvider clock)
    {
        _clock = clock;
        _lastEmpty = clock.GetTimestamp();
        LeaveForTunnel = _ => Leave();
    }

    public int UnderWay => Volatile.Read(ref _underWay);

    public int Waiting
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>A tunnel is no longer a request under way.</summary>
    public Action<Forwarding.RequestRecord> LeaveForTunnel { get; }

    /// <summary>Whether a request would be taken at once.</summary>
    public bool HasRoom(int max) => UnderWay < max;

    /// <summary>Takes a place, after a wait if need be; false: there was none in time.</summary>
    public ValueTask<bool> EnterAsync(int max, ConcurrencySettings settings, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_underWay < max && _waiting.Count == 0)
            {
                _underWay++;
                _lastEmpty = _clock.GetTimestamp();
                return new ValueTask<bool>(true);
            }

            if (_waiting.Count >= settings.Queue && !MakeRoom(settings)) return new ValueTask<bool>(false);
            var waiter = new Waiter(this, _clock.GetTimestamp());
            waiter.Node = _waiting.AddLast(waiter);
            waiter.Begin(IsOverloaded ? settings.QueueTarget : settings.QueueTime, _clock, cancellationToken);
            return new ValueTask<bool>(waiter.Task);
        }
    }

    public void Leave()
    {
        Waiter? next = null;
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _underWay--;
                _lastEmpty = _clock.GetTimestamp();
                return;
            }

            // Newest first in an overload: the oldest has waited so long that its visitor may have given up.
            var node = IsOverloaded ? _waiting.Last! : _waiting.First!;
            _waiting.Remove(node);
            next = node.Value;
            next.Node = null;
            if (_waiting.Count == 0) _lastEmpty = _clock.GetTimestamp();
        }

        // The place goes on to the next without being given back.
        next.End(true);
    }

    private bool IsOverloaded => _clock.GetElapsedTime(_lastEmpty) > Interval;

    /// <summary>In an overload the newest has the better chance: the oldest leaves for it, when it has waited for its time.</summary>
    private bool MakeRoom(ConcurrencySettings settings)
    {
        if (!IsOverloaded || _waiting.First is not { } oldest || _clock.GetElapsedTime(oldest.Value.Since) < settings.QueueTarget) return false;
        _waiting.RemoveFirst();
        oldest.Value.Node = null;
        oldest.Value.End(false);
        return true;
    }

    private void GaveUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is null) return;
            _waiting.Remove(waiter.Node);
            waiter.Node = null;
            if (_waiting.Count == 0) _lastEmpty = _clock.GetTimestamp();
        }

        waiter.End(false);
    }

    private sealed class Waiter(DestinationGate gate, long since)
    {
        private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private ITimer? _timer;
        private CancellationTokenRegistration _left;

        public long Since => since;

        public LinkedListNode<Waiter>? Node { get; set; }

        public Task<bool> Task => _done.Task;

        public void Begin(TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
        {
            _timer = clock.CreateTimer(static s => ((Waiter)s!).TimeIsUp(), this, limit, Timeout.InfiniteTimeSpan);
            _left = cancellationToken.UnsafeRegister(static s => ((Waiter)s!).TimeIsUp(), this);
        }

        private void TimeIsUp() => gate.GaveUp(this);

        public void End(bool taken)
        {
            if (!_done.TrySetResult(taken)) return;
            _timer?.Dispose();
            _left.Unregister();
        }
    }
}
