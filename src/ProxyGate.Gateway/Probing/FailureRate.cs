namespace ProxyGate.Gateway.Probing;

/// <summary>The part of a destination's requests that failed within the last minute, counted by the second.</summary>
internal sealed class FailureRate(TimeProvider clock)
{
    private const int Seconds = 60;

    private readonly Lock _lock = new();
    private readonly (long Second, int All, int Failed)[] _seconds = new (long, int, int)[Seconds];
    private readonly long _started = clock.GetTimestamp();

    /// <returns>0 while there are too few requests to tell.</returns>
    public double Add(bool failed, int fewest)
    {
        // The first second is 1: 0 stands in the cells that were never used.
        var now = (long)clock.GetElapsedTime(_started).TotalSeconds + 1;
        lock (_lock)
        {
            ref var cell = ref _seconds[now % Seconds];
            if (cell.Second != now) cell = (now, 0, 0);
            cell.All++;
            if (!failed) return 0;
            cell.Failed++;
            var (all, bad) = (0, 0);
            foreach (var (second, requests, failures) in _seconds)
            {
                if (second == 0 || now - second >= Seconds) continue;
                all += requests;
                bad += failures;
            }

            return all < fewest ? 0 : (double)bad / all;
        }
    }
}
