using System.Globalization;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// Learns after which idle time a destination closes its connections, from the closes that are seen. A single close can be a restart;
/// a limit is believed when two closes, on two occasions, came at the same age. A close of a connection that had hardly been idle is never
/// taken for a limit: what closes those is an app that stops. What was learned is forgotten after a while, as apps change.
/// </summary>
internal sealed class IdleMemory(TimeProvider clock)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan UnsteadyFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan OneOccasion = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LeastMargin = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private TimeSpan? _sample;
    private long _sampled;
    private long _learnedTicks;
    private long _confirmed;
    private long _unsteadySince;
    private long _youngestTicks;

    /// <summary>How long a connection may be idle and still be used; absent while nothing is known.</summary>
    public TimeSpan? Limit => Volatile.Read(ref _learnedTicks) is > 0 and var ticks && clock.GetElapsedTime(Volatile.Read(ref _confirmed)) < Forgotten ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>
    /// Whether a connection that has been idle for so long may be closing. Connections were lately closed at ages that no known limit explains, and it is
    /// not much younger than the youngest of them: a request that must not be sent twice had better not rely on it.
    /// </summary>
    public bool MayCloseAt(TimeSpan idle) => IsUnsteady && idle.Ticks * 2 >= Volatile.Read(ref _youngestTicks);

    private bool IsUnsteady => Volatile.Read(ref _unsteadySince) is not 0 and var since && clock.GetElapsedTime(since) < UnsteadyFor;

    /// <summary>The <c>timeout</c> of a Keep-Alive field, in seconds; absent when it names none.</summary>
    public static int? SecondsIn(string keepAlive)
    {
        int? seconds = null;
        foreach (var part in keepAlive.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("timeout=", StringComparison.OrdinalIgnoreCase) && int.TryParse(part.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out var found)) seconds = found;
        }

        return seconds;
    }

    /// <summary>With a margin for the way: a connection this old may be closing already.</summary>
    public static TimeSpan Below(TimeSpan limit)
    {
        var margin = limit / 5;
        if (margin < LeastMargin) margin = LeastMargin;
        if (margin > OneOccasion) margin = OneOccasion;
        return limit > margin ? limit - margin : TimeSpan.Zero;
    }

    /// <summary>The destination closed a connection that had been idle; it was still open at <paramref name="openAt"/> and no longer at <paramref name="closedAt"/>.</summary>
    public void Saw(TimeSpan openAt, TimeSpan closedAt)
    {
        if (Limit is not { } known || openAt < known)
        {
            if (!IsUnsteady || openAt.Ticks < Volatile.Read(ref _youngestTicks)) Volatile.Write(ref _youngestTicks, openAt.Ticks);
            Volatile.Write(ref _unsteadySince, clock.GetTimestamp());
        }

        if (openAt < ShortestLimit) return;
        lock (_lock)
        {
            if (_sample is { } before && clock.GetElapsedTime(_sampled) >= OneOccasion && IsNear(before, openAt, closedAt))
            {
                Volatile.Write(ref _confirmed, clock.GetTimestamp());
                Volatile.Write(ref _learnedTicks, Below(before < openAt ? before : openAt).Ticks);
            }

            if (_sample is not null && clock.GetElapsedTime(_sampled) < OneOccasion) return; // the same occasion, told by several connections
            _sample = openAt;
            _sampled = clock.GetTimestamp();
        }
    }

    /// <summary>Nothing listens there: what closed the connections was the end of the app, which says nothing of how long it keeps idle ones.</summary>
    public void WasDown()
    {
        if (Volatile.Read(ref _unsteadySince) == 0) return;
        Volatile.Write(ref _unsteadySince, 0);
        lock (_lock) _sample = null;
    }

    private static bool IsNear(TimeSpan before, TimeSpan openAt, TimeSpan closedAt)
    {
        var tolerance = (closedAt - openAt) + (openAt / 10);
        return (before - openAt).Duration() <= tolerance;
    }
}
