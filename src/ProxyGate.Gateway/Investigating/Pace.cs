namespace ProxyGate.Gateway.Investigating;

/// <summary>Keeps looks to so many starts in any second, however many destinations fail at once. For one caller at a time.</summary>
internal sealed class Pace(int starts, TimeProvider clock)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly long?[] _last = new long?[starts];
    private int _next;

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_last[_next] is { } oldest && Second - clock.GetElapsedTime(oldest) is { } rest && rest > TimeSpan.Zero) await Task.Delay(rest, clock, cancellationToken);
        _last[_next] = clock.GetTimestamp();
        _next = (_next + 1) % _last.Length;
    }
}
