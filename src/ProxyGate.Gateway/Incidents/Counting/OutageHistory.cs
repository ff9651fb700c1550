using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>
/// The outages of one incident. A good answer ends one only when no failure follows soon: an app that answers every second request is one outage
/// and not hundreds. Touched under the tracker's lock only.
/// </summary>
internal sealed class OutageHistory
{
    /// <summary>A recovery has to last for so long to be one.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const int MostKept = 50;

    private readonly List<Entry> _ended = [];
    private long _endedTicks;
    private int _count;
    private long _recoveredAt;

    public OutageHistory(long from) => From = from;

    /// <summary>The first failure of the outage that lasts, or lasted until a moment ago.</summary>
    public long From { get; private set; }

    /// <summary>Failures of it.</summary>
    public long Failures { get; private set; }

    /// <summary>Whether the last one has ended and it was told.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>How often it recovered and failed again.</summary>
    public int Flaps => IsEnded ? Math.Max(0, _count - 1) : _count;

    public void Failed() => Failures++;

    /// <summary>A good answer came; whether it is a recovery is seen later.</summary>
    public void Answered(long now) => _recoveredAt = now;

    public bool HasSettled(long now) => !IsEnded && _recoveredAt != 0 && SteadyTime.Between(_recoveredAt, now) >= Settling;

    /// <summary>Takes the good answer as the outage's end.</summary>
    /// <returns>How long it lasted.</returns>
    public TimeSpan Settle()
    {
        IsEnded = true;
        End(_recoveredAt, recovered: true);
        return SteadyTime.Between(From, _recoveredAt);
    }

    /// <summary>Nothing more was heard of it.</summary>
    public void FellSilent(long lastFailure)
    {
        if (IsEnded) return;
        IsEnded = true;
        End(lastFailure, recovered: false);
    }

    /// <summary>It fails again: a further outage when the last one had ended.</summary>
    public void FailsAgain(long now)
    {
        _recoveredAt = 0;
        if (!IsEnded) return;
        (IsEnded, From, Failures) = (false, now, 0);
    }

    /// <summary>All outages added up.</summary>
    public TimeSpan Downtime(long now) =>
        TimeSpan.FromTicks(_endedTicks) + (IsEnded ? TimeSpan.Zero : SteadyTime.Between(From, _recoveredAt != 0 ? _recoveredAt : now));

    public IReadOnlyList<Outage> Now(SteadyTime time)
    {
        var outages = _ended.Select(e => new Outage(time.At(e.From), e.Recovered ? time.At(e.To) : null, e.Failures));
        return [.. IsEnded ? outages : outages.Append(new Outage(time.At(From), null, Failures))];
    }

    /// <summary>As it was stored before the start.</summary>
    public void Restore(IReadOnlyList<Outage> outages, TimeSpan downtime, int flaps, bool isOpen, long lastFailure, SteadyTime time)
    {
        var ended = isOpen ? outages.SkipLast(1) : outages;
        foreach (var outage in ended) _ended.Add(new Entry(time.Of(outage.From), outage.To is { } to ? time.Of(to) : lastFailure, outage.Failures, outage.To is not null));
        _count = isOpen ? flaps : flaps + 1;
        IsEnded = !isOpen;
        if (outages.Count > 0) (From, Failures) = (time.Of(outages[^1].From), outages[^1].Failures);
        _endedTicks = !isOpen ? downtime.Ticks
            : _count == _ended.Count ? _ended.Sum(e => SteadyTime.Between(e.From, e.To).Ticks)
            : Math.Max(0, (downtime - SteadyTime.Between(From, lastFailure)).Ticks);
    }

    private void End(long to, bool recovered)
    {
        _count++;
        _endedTicks += SteadyTime.Between(From, to).Ticks;
        if (_ended.Count == MostKept) _ended.RemoveAt(0);
        _ended.Add(new Entry(From, to, Failures, recovered));
    }

    private readonly record struct Entry(long From, long To, long Failures, bool Recovered);
}
