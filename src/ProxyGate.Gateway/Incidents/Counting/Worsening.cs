namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>
/// Whether an incident has become worse than it was when it was last told of: ten times as many failures in a minute as in any minute before, or
/// failures that reach the clients where all had been saved. Touched under the tracker's lock only.
/// </summary>
internal sealed class Worsening
{
    private const int Times = 10;
    private const long Least = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private long _windowStart;
    private long _inWindow;
    private long _level;
    private bool _told;
    private bool _allSaved = true;
    private bool _isFirst = true;

    /// <summary>When it last grew worse; 0 for never.</summary>
    public long At { get; private set; }

    /// <summary>Counts a failure.</summary>
    /// <returns>In which way it is worse now, as a sentence; absent when it is not, or when that was said already.</returns>
    public string? Add(bool saved, long now)
    {
        if (_isFirst || SteadyTime.Between(_windowStart, now) >= Window)
        {
            // The first minute is what it is; only what comes after can be worse.
            _level = Math.Max(_level, Math.Max(_inWindow, _isFirst ? 0 : Least));
            (_windowStart, _inWindow, _told) = (now, 0, false);
        }

        _inWindow++;
        var unsaved = !saved && _allSaved && !_isFirst;
        _allSaved &= saved;
        _isFirst = false;
        if (unsaved) return Worse(now, "Until now other attempts saved every request; now clients see the failure.");
        if (_told || _level == 0 || _inWindow < _level * Times) return null;
        _told = true;
        return Worse(now, FormattableString.Invariant($"{_inWindow} failures in less than a minute; before, it had at most {_level} in a minute."));
    }

    /// <summary>As it was stored: what comes now is measured by the worst minute before.</summary>
    public void Restore(long worstMinute, bool allSaved, long at) => (_isFirst, _level, _allSaved, At) = (false, Math.Max(worstMinute, Least), allSaved, at);

    private string Worse(long now, string how)
    {
        At = now;
        return how;
    }
}
