using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Health;

/// <summary>
/// The health of one destination: checks that fail or succeed in a row, and what requests met. Going down often makes coming back harder,
/// so that a process that is restarted over and over does not get requests each time.
/// </summary>
internal sealed class DestinationHealth
{
    private const int MostDamping = 5;
    private const double FirstShare = 0.1;

    private readonly Lock _lock = new();
    private readonly List<DateTimeOffset> _downs = [];
    private HealthState _checked;
    private HealthReason? _byCheck;
    private HealthReason? _byRequests;
    private HealthReason? _lastFailure;
    private DateTimeOffset? _since;
    private DateTimeOffset? _back;
    private DateTimeOffset? _lastProbe;
    private double? _lastProbeMs;
    private int _good;
    private int _bad;

    /// <summary>Whether the last check disagrees with the state: then the next one should follow soon.</summary>
    public bool IsUndecided
    {
        get
        {
            lock (_lock) return _checked == HealthState.Unhealthy ? _good > 0 : _bad > 0;
        }
    }

    public bool IsUnhealthy(bool heedChecks, bool heedRequests)
    {
        lock (_lock) return (heedChecks && _byCheck is not null) || (heedRequests && _byRequests is not null);
    }

    /// <param name="failure">Why the check failed; absent when it was good.</param>
    public HealthChange Checked(HealthReason? failure, double milliseconds, DateTimeOffset now, HealthSettings settings)
    {
        lock (_lock)
        {
            (_lastProbe, _lastProbeMs, _lastFailure) = (now, milliseconds, failure);
            if (failure is not null)
            {
                (_good, _bad) = (0, _bad + 1);
                if (_byCheck is not null)
                {
                    // Still down: the newest reason is the one to look into.
                    _byCheck = failure;
                    return HealthChange.None;
                }

                if (_bad < settings.Fall) return HealthChange.None;
                return Down(now, settings, () => (_checked, _byCheck) = (HealthState.Unhealthy, failure));
            }

            (_good, _bad) = (_good + 1, 0);
            if (_byCheck is null)
            {
                if (_checked == HealthState.Healthy) return HealthChange.None;
                _checked = HealthState.Healthy;
                if (_byRequests is null) _since = now;
                return HealthChange.None;
            }

            if (_good < Needed(settings, now)) return HealthChange.None;
            (_checked, _byCheck) = (HealthState.Healthy, null);
            return Up(now);
        }
    }

    public HealthChange FailedRequests(HealthReason reason, DateTimeOffset now, HealthSettings settings)
    {
        lock (_lock)
        {
            if (_byRequests is not null) return HealthChange.None;
            return Down(now, settings, () => _byRequests = reason);
        }
    }

    /// <summary>It has been out of use long enough: requests may try it again.</summary>
    public HealthChange Reactivate(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (_byRequests is null) return HealthChange.None;
            _byRequests = null;
            return Up(now);
        }
    }

    /// <summary>The part of its share it gets now.</summary>
    public double Share(DateTimeOffset now, TimeSpan slowStart)
    {
        lock (_lock) return ShareNow(now, slowStart);
    }

    public DestinationReport Report(DestinationReport place, bool heedChecks, bool heedRequests, DateTimeOffset now, HealthSettings settings)
    {
        lock (_lock)
        {
            var byCheck = heedChecks ? _byCheck : null;
            var byRequests = heedRequests ? _byRequests : null;
            return place with
            {
                State = byCheck is not null || byRequests is not null ? HealthState.Unhealthy : heedChecks ? _checked : HealthState.Unknown,
                Reason = byCheck ?? byRequests,
                ByRequests = byCheck is null && byRequests is not null,
                Since = _since,
                LastProbe = _lastProbe,
                LastProbeMs = _lastProbeMs,
                LastFailure = _lastFailure,
                GoodChecksNeeded = byCheck is null ? 0 : Math.Max(0, Needed(settings, now) - _good),
                Share = ShareNow(now, settings.SlowStart),
                RecentDowns = Downs(now, settings),
            };
        }
    }

    private HealthChange Down(DateTimeOffset now, HealthSettings settings, Action mark)
    {
        var wasUp = _byCheck is null && _byRequests is null;
        mark();
        if (!wasUp) return HealthChange.None;
        (_since, _back, _good) = (now, null, 0);
        _downs.RemoveAll(d => now - d >= settings.Damping);
        if (settings.Damping > TimeSpan.Zero) _downs.Add(now);
        return HealthChange.Down;
    }

    private HealthChange Up(DateTimeOffset now)
    {
        if (_byCheck is not null || _byRequests is not null) return HealthChange.None;
        (_since, _back) = (now, now);
        return HealthChange.Up;
    }

    private int Needed(HealthSettings settings, DateTimeOffset now) =>
        settings.Rise << Math.Clamp(Downs(now, settings) - 1, 0, MostDamping);

    private int Downs(DateTimeOffset now, HealthSettings settings) => _downs.Count(d => now - d < settings.Damping);

    private double ShareNow(DateTimeOffset now, TimeSpan slowStart) =>
        _back is not { } back || now - back >= slowStart || slowStart <= TimeSpan.Zero ? 1 : Math.Clamp((now - back) / slowStart, FirstShare, 1);
}
