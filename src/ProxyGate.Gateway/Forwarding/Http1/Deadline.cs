using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// The time limits of one connection: one for what is awaited from the peer, one for what is being written to it. Arming one is a
/// store; the timer itself is moved only when it would fire too late, so a busy keep-alive connection hardly ever touches it.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly Action<TimeoutPhase, TimeSpan> _expired;
    private readonly ITimer _timer;
    private Limit _read;
    private Limit _write;
    private volatile bool _reads;
    private long _armedFor = long.MaxValue;

    /// <summary>Whether a limit has passed. Read after <see cref="ReadDone"/>, it is certain.</summary>
    public bool Fired { get; private set; }

    public Deadline(TimeProvider clock, Action<TimeoutPhase, TimeSpan> expired)
    {
        _clock = clock;
        _expired = expired;
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
        {
            _timer = clock.CreateTimer(static s => ((Deadline)s!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void AwaitRead(TimeoutPhase phase, TimeSpan limit) => Set(ref _read, phase, limit, _clock.GetTimestamp());

    /// <param name="phase">What is awaited.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="since">When the wait began, by the same clock.</param>
    public void AwaitRead(TimeoutPhase phase, TimeSpan limit, long since) => Set(ref _read, phase, limit, since);

    public void ReadDone()
    {
        if (!_reads) return;
        lock (_lock) (_reads, _read) = (false, default);
    }

    public void AwaitWrite(TimeSpan limit) => Set(ref _write, TimeoutPhase.Send, limit, _clock.GetTimestamp());

    public void WriteDone()
    {
        lock (_lock) _write = default;
    }

    private void Set(ref Limit slot, TimeoutPhase phase, TimeSpan limit, long since)
    {
        if (limit == Timeout.InfiniteTimeSpan) return;
        var due = since + (long)(limit.TotalSeconds * _clock.TimestampFrequency);
        lock (_lock)
        {
            slot = new Limit(due, phase, limit);
            _reads = _read.Due != 0;
            if (due >= _armedFor) return;
            _armedFor = due;
            _timer.Change(limit, Timeout.InfiniteTimeSpan);
        }
    }

    private void Check()
    {
        Limit hit;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            _armedFor = long.MaxValue;
            hit = _write.Due != 0 && _write.Due <= now ? _write : _read.Due != 0 && _read.Due <= now ? _read : default;
            if (hit.Due == 0)
            {
                var next = Math.Min(_read.Due == 0 ? long.MaxValue : _read.Due, _write.Due == 0 ? long.MaxValue : _write.Due);
                if (next == long.MaxValue) return;
                _armedFor = next;
                _timer.Change(TimeSpan.FromSeconds((double)(next - now) / _clock.TimestampFrequency) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            (_read, _write) = (default, default);
            Fired = true;
        }

        _expired(hit.Phase, hit.Length);
    }

    public void Dispose() => _timer.Dispose();

    private readonly record struct Limit(long Due, TimeoutPhase Phase, TimeSpan Length);
}
