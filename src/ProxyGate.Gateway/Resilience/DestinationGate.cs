using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// How many requests a destination has at once, and who waits. The queue evens out bursts. When it has not been empty for a while there is
/// more work than the destination can do. Then, until nobody has been turned away for as long, the newest go first and nobody waits for
/// long: so those taken keep their speed, and the others are told soon (the controlled-delay idea of RFC 8289, applied to requests).
/// </summary>
internal sealed class DestinationGate
{
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _waitingSince;
    private long _turnedAwayAt;
    private long _freeAt;
    private TimeSpan _pace;
    private readonly FullGates _full;
    private bool _overloaded;
    private bool _isFull;
    private int _underWay;
    private int _max = int.MaxValue;

    public DestinationGate(TimeProvider clock, FullGates? full = null)
    {
        (_clock, _full) = (clock, full ?? new FullGates());
        _freeAt = clock.GetTimestamp();
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

    /// <summary>From now on it is full with so many.</summary>
    public void Heed(int max)
    {
        lock (_lock)
        {
            _max = max;
            NoteFull();
        }
    }

    /// <summary>Takes a place, after a wait if need be; false: there was none in time.</summary>
    public ValueTask<bool> EnterAsync(int max, ConcurrencySettings settings, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _max = max;
            if (_underWay < max && _waiting.Count == 0)
            {
                _underWay++;
                NoteFull();
                return new ValueTask<bool>(true);
            }

            var now = _clock.GetTimestamp();
            var overloaded = IsOverloaded(now);
            var longest = overloaded ? LongestWait(settings) : settings.QueueTime;
            // Who had been waiting before it began leaves one by one, as others come: a burst that ends by itself is still served.
            if (overloaded && _waiting.First is { } oldest && Between(oldest.Value.Since, now) >= longest) TurnAway(oldest.Value, now);
            if (_waiting.Count >= settings.Queue)
            {
                _turnedAwayAt = now;
                return new ValueTask<bool>(false);
            }

            if (_waiting.Count == 0) _waitingSince = now;
            var waiter = new Waiter(this, now);
            waiter.Node = _waiting.AddLast(waiter);
            waiter.Begin(longest, _clock, cancellationToken);
            return new ValueTask<bool>(waiter.Task);
        }
    }

    public void Leave()
    {
        Waiter next;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            var overloaded = IsOverloaded(now);
            var freeBefore = _freeAt;
            _freeAt = now;
            if (_waiting.Count == 0)
            {
                _underWay--;
                NoteFull();
                return;
            }

            if (freeBefore >= _waitingSince) _pace += (Between(freeBefore, now) - _pace) / 8;
            // Newest first in an overload: the oldest has waited so long that its visitor may have given up.
            next = (overloaded ? _waiting.Last! : _waiting.First!).Value;
            Remove(next);
        }

        // The place goes on to the next without being given back.
        next.End(true);
    }

    private void NoteFull()
    {
        if (_underWay >= _max == _isFull) return;
        _isFull = !_isFull;
        _full.Changed(_isFull);
    }

    /// <summary>Where places come free seldom, a shorter wait than from one to the next would leave them empty.</summary>
    private TimeSpan LongestWait(ConcurrencySettings settings)
    {
        var wait = settings.QueueTarget > _pace ? settings.QueueTarget : _pace;
        return wait < settings.QueueTime ? wait : settings.QueueTime;
    }

    /// <summary>It begins when somebody has been waiting for a whole interval, and is over when for as long nobody has been turned away.</summary>
    private bool IsOverloaded(long now)
    {
        if (_overloaded)
        {
            if (Between(_turnedAwayAt, now) <= Interval(now)) return true;
            (_overloaded, _waitingSince) = (false, now);
        }
        else if (_waiting.Count > 0 && Between(_waitingSince, now) > Interval(now))
        {
            (_overloaded, _turnedAwayAt) = (true, now);
        }

        return _overloaded;
    }

    /// <summary>Some turns long, as far as the pace is known: an app that takes its time is not overloaded because it does.</summary>
    private TimeSpan Interval(long now)
    {
        var since = Between(_freeAt, now);
        var turns = (since > _pace ? since : _pace) * 4;
        return turns < ShortestInterval ? ShortestInterval : turns > LongestInterval ? LongestInterval : turns;
    }

    private TimeSpan Between(long from, long to) => _clock.GetElapsedTime(from, to);

    private void TurnAway(Waiter waiter, long now)
    {
        Remove(waiter);
        _turnedAwayAt = now;
        waiter.End(false);
    }

    private void Remove(Waiter waiter)
    {
        _waiting.Remove(waiter.Node!);
        waiter.Node = null;
    }

    private void TimeIsUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is not null) TurnAway(waiter, _clock.GetTimestamp());
        }
    }

    private void Left(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is null) return;
            Remove(waiter);
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
            _left = cancellationToken.UnsafeRegister(static s => ((Waiter)s!).Left(), this);
        }

        private void TimeIsUp() => gate.TimeIsUp(this);

        private void Left() => gate.Left(this);

        public void End(bool taken)
        {
            if (!_done.TrySetResult(taken)) return;
            _timer?.Dispose();
            _left.Unregister();
        }
    }
}
