using ProxyGate.Gateway.EventLog;

namespace ProxyGate.Gateway.Dashboard.Traffic;

/// <summary>
/// The answers of each minute of the last day, in memory, for the plots. It is told by the gateway's own metrics, so the request path
/// knows nothing of it. Bounded: a day of minutes.
/// </summary>
internal sealed class TrafficMemory : IDisposable
{
    /// <summary>As many minutes are remembered.</summary>
    public const int Minutes = 24 * 60;

    private readonly GatewayMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly Minute?[] _minutes = new Minute?[Minutes];

    public TrafficMemory(GatewayMetrics metrics, TimeProvider clock)
    {
        (_metrics, _clock) = (metrics, clock);
        Since = clock.GetUtcNow();
        metrics.Answered += OnAnswered;
    }

    /// <summary>How far back it goes at most.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>The last minutes, the oldest first, the running one at the end; those in which nothing happened are there too.</summary>
    public IReadOnlyList<MinuteSeen> Last(int count)
    {
        var now = MinuteOf(_clock.GetUtcNow());
        var seen = new MinuteSeen[Math.Clamp(count, 1, Minutes)];
        for (var i = 0; i < seen.Length; i++)
        {
            var number = now - seen.Length + 1 + i;
            seen[i] = Volatile.Read(ref _minutes[number % Minutes]) is { } minute && minute.Number == number ? minute.Seen() : MinuteSeen.Quiet(StartOf(number));
        }

        return seen;
    }

    public void Dispose() => _metrics.Answered -= OnAnswered;

    private void OnAnswered(int statusClass) => Current().Add(statusClass);

    private Minute Current()
    {
        var number = MinuteOf(_clock.GetUtcNow());
        ref var place = ref _minutes[number % Minutes];
        while (true)
        {
            var there = Volatile.Read(ref place);
            // A clock that jumped back counts to the newest minute it had.
            if (there is not null && there.Number >= number) return there;
            var fresh = new Minute(number);
            if (ReferenceEquals(Interlocked.CompareExchange(ref place, fresh, there), there)) return fresh;
        }
    }

    private static long MinuteOf(DateTimeOffset at) => at.UtcTicks / TimeSpan.TicksPerMinute;

    private static DateTimeOffset StartOf(long minute) => new(minute * TimeSpan.TicksPerMinute, TimeSpan.Zero);

    private sealed class Minute(long number)
    {
        private long _good;
        private long _clientErrors;
        private long _serverErrors;

        public long Number => number;

        public void Add(int statusClass)
        {
            if (statusClass == 5) Interlocked.Increment(ref _serverErrors);
            else if (statusClass == 4) Interlocked.Increment(ref _clientErrors);
            else Interlocked.Increment(ref _good);
        }

        public MinuteSeen Seen() => new(StartOf(number), Volatile.Read(ref _good), Volatile.Read(ref _clientErrors), Volatile.Read(ref _serverErrors));
    }
}

/// <summary>What was answered in one minute.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Good">Answers with a status below 400.</param>
/// <param name="ClientErrors">Answers with a 4xx.</param>
/// <param name="ServerErrors">Answers with a 5xx.</param>
internal readonly record struct MinuteSeen(DateTimeOffset At, long Good, long ClientErrors, long ServerErrors)
{
    public static MinuteSeen Quiet(DateTimeOffset at) => new(at, 0, 0, 0);
}
