namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>
/// Moments that only go forward, in ticks since the gateway's start, for every window and duration: a wall clock that is set tears no incident
/// apart. What a moment is called is told by the wall clock as it goes now, so that all times shown agree with each other after it was set.
/// </summary>
internal sealed class SteadyTime
{
    /// <summary>What differs by less is the reading of two clocks one after the other.</summary>
    private const long Step = 10 * TimeSpan.TicksPerMillisecond;

    private readonly TimeProvider _clock;
    private readonly long _origin;
    private long _wallAtZero;

    public SteadyTime(TimeProvider clock)
    {
        _clock = clock;
        _origin = clock.GetTimestamp();
        _wallAtZero = clock.GetUtcNow().UtcTicks - 1;
    }

    /// <summary>At least 1, so that 0 can stand for never.</summary>
    public long Now => _clock.GetElapsedTime(_origin).Ticks + 1;

    public static TimeSpan Between(long from, long to) => TimeSpan.FromTicks(Math.Max(0, to - from));

    /// <summary>What the wall clock, as it goes now, calls the moment.</summary>
    public DateTimeOffset At(long moment) =>
        new(Math.Clamp(Volatile.Read(ref _wallAtZero) + moment, DateTimeOffset.MinValue.UtcTicks, DateTimeOffset.MaxValue.UtcTicks), TimeSpan.Zero);

    /// <summary>The moment of a wall-clock time, e.g. one that was stored before the start: then it is negative.</summary>
    public long Of(DateTimeOffset time) => time.UtcTicks - Volatile.Read(ref _wallAtZero);

    /// <summary>Reads both clocks, and notices when the wall clock was set.</summary>
    public (long Moment, DateTimeOffset Wall) Read()
    {
        var before = Now;
        var wall = _clock.GetUtcNow();
        var zero = wall.UtcTicks - before;
        // The thread may have slept between the two readings; then they say nothing of each other.
        if (Math.Abs(zero - Volatile.Read(ref _wallAtZero)) > Step && Now - before < Step / 10) Volatile.Write(ref _wallAtZero, zero);
        return (before, wall);
    }
}
