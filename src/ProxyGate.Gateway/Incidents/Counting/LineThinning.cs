using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>
/// How many events of one incident are written out: the first twenty, then so many a second. The rest is folded: the next line that is written
/// stands for them too (<c>occurrences</c>), and what is still folded when the storm ends is written with the last of them. No failure goes
/// uncounted, and the ids of the folded ones are noted. Touched under the tracker's lock only.
/// </summary>
internal sealed class LineThinning(int? linesPerSecond, FoldedQueue notes)
{
    /// <summary>A storm begins behind so many.</summary>
    public const int AtOnce = 20;

    /// <summary>What is folded waits no longer than this for a line.</summary>
    public static readonly TimeSpan LongestFold = TimeSpan.FromSeconds(1);

    private readonly FoldedIds _ids = new();
    private double _room = AtOnce;
    private long _at;
    private FailureEvent? _last;
    private long _folded;
    private long _foldedSince;

    public bool IsFolding => _folded > 0;

    /// <summary>The event as it is to be written, or nothing when a later line stands for it.</summary>
    public FailureEvent? Take(FailureEvent e, long now)
    {
        if (linesPerSecond is not { } perSecond) return e;
        if (_at != 0) _room = Math.Min(AtOnce, _room + (SteadyTime.Between(_at, now).TotalSeconds * perSecond));
        _at = now;
        if (_room < 1)
        {
            if (_folded == 0) _foldedSince = now;
            _folded += e.Occurrences;
            _ids.Add(e.Id);
            _last = e;
            return null;
        }

        _room--;
        if (_folded == 0) return e;
        return Unfolded(e with { Occurrences = e.Occurrences + _folded });
    }

    /// <summary>What no line has come for in time.</summary>
    public FailureEvent? TakeFolded(long now, bool all)
    {
        if (_folded == 0 || (!all && SteadyTime.Between(_foldedSince, now) < LongestFold)) return null;
        return Unfolded(_last! with { Occurrences = _folded });
    }

    private FailureEvent Unfolded(FailureEvent line)
    {
        (_folded, _last) = (0, null);
        var left = _ids.Left;
        notes.Add(new FoldedFailures(line.Incident, line.Id, line.Time, line.Occurrences, _ids.Take()), left);
        return line;
    }
}
