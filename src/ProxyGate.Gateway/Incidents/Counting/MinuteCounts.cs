using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>Failures a minute, by the wall clock: the last day of minutes that had any. Touched under the tracker's lock only.</summary>
internal sealed class MinuteCounts
{
    public const int MostMinutes = 24 * 60;

    private readonly List<(long Minute, long Count)> _minutes = [];
    private readonly HashSet<long> _changed = [];
    private int _last = -1;

    public void Add(DateTimeOffset time) => Add(time.UtcTicks / TimeSpan.TicksPerMinute, 1);

    public void Restore(IEnumerable<MinuteCount> minutes)
    {
        foreach (var (minute, count) in minutes) Add(minute.UtcTicks / TimeSpan.TicksPerMinute, count);
        _changed.Clear();
    }

    /// <summary>Those that changed since they were last taken, with their whole counts.</summary>
    public IReadOnlyList<MinuteCount> TakeChanged()
    {
        if (_changed.Count == 0) return [];
        MinuteCount[] changed = [.. _minutes.Where(m => _changed.Contains(m.Minute)).Select(Shown)];
        _changed.Clear();
        return changed;
    }

    public void ChangeAll() => _changed.UnionWith(_minutes.Select(m => m.Minute));

    private void Add(long minute, long count)
    {
        if (_last < 0 || _minutes[_last].Minute != minute) _last = Find(minute);
        _minutes[_last] = (minute, _minutes[_last].Count + count);
        _changed.Add(minute);
    }

    /// <summary>A clock that was set back comes to a minute it has been to.</summary>
    private int Find(long minute)
    {
        var at = _minutes.FindIndex(m => m.Minute == minute);
        if (at >= 0) return at;
        if (_minutes.Count == MostMinutes) _minutes.RemoveAt(0);
        _minutes.Add((minute, 0));
        return _minutes.Count - 1;
    }

    private static MinuteCount Shown((long Minute, long Count) m) => new(new DateTimeOffset(m.Minute * TimeSpan.TicksPerMinute, TimeSpan.Zero), m.Count);
}
