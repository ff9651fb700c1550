using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// How many retries a cluster may still make: a share of its requests of the last ten seconds, and a few a second besides. Counting a
/// request is one increment; the sums are made only when a retry is wanted.
/// </summary>
internal sealed class RetryBudget(TimeProvider clock)
{
    private const int Seconds = 10;

    private readonly Second[] _seconds = Make();
    private readonly Lock _lock = new();

    private static Second[] Make()
    {
        var seconds = new Second[Seconds + 1];
        for (var i = 0; i < seconds.Length; i++) seconds[i] = new Second();
        return seconds;
    }

    private long Now => clock.GetTimestamp() / clock.TimestampFrequency;

    public void CountRequest() => Interlocked.Increment(ref At(Now).Requests);

    /// <summary>Takes one retry from what is left.</summary>
    public bool TryTake(RetrySettings settings)
    {
        var now = Now;
        lock (_lock)
        {
            var current = At(now);
            if (settings.BudgetPercent is { } percent && current.Retries >= settings.BudgetPerSecond)
            {
                long requests = 0, retries = 0;
                foreach (var second in _seconds)
                {
                    if (now - Volatile.Read(ref second.Number) >= Seconds) continue;
                    requests += Volatile.Read(ref second.Requests);
                    retries += Volatile.Read(ref second.Retries);
                }

                if ((retries + 1) * 100 > requests * percent) return false;
            }

            current.Retries++;
            return true;
        }
    }

    private Second At(long number)
    {
        var second = _seconds[number % _seconds.Length];
        if (Volatile.Read(ref second.Number) == number) return second;
        lock (second)
        {
            if (second.Number == number) return second;
            (second.Requests, second.Retries) = (0, 0);
            Volatile.Write(ref second.Number, number);
        }

        return second;
    }

    private sealed class Second
    {
        public long Number = -1;
        public long Requests;
        public long Retries;
    }
}
