using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Incidents.Counting;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents;

/// <summary>
/// Groups failures into incidents, in memory, and says of each what else is known at that moment. A good answer of the same route and
/// destination closes what is open there; what fails again soon after is the same incident still.
/// Bounded: the closed make room first; when all are open, further ones are counted as dropped.
/// </summary>
internal sealed class IncidentTracker
{
    public const int MaxIncidents = 1000;

    /// <summary>As many other destinations of a cluster are told of.</summary>
    public const int MaxNeighbours = 16;

    public const int LinesPerSecond = 10;

    /// <summary>What fails again within this time has not recovered; it comes and goes.</summary>
    public static readonly TimeSpan FlapWindow = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(10);

    private readonly Random _random;
    private readonly Func<LineThinning> _lines;
    private readonly SteadyTime _time;
    private readonly long _started;
    private readonly Lock _sync = new();
    private readonly HealthBook _health = new();
    private readonly FailingRoutes _failingRoutes = new();
    private readonly IncidentNews _news;
    private readonly FoldedQueue _folded = new();
    private readonly Dictionary<IncidentKey, IncidentState> _latest = [];
    private readonly Dictionary<string, IncidentState> _open = [];
    private readonly Dictionary<string, IncidentState> _kept = [];
    private readonly LinkedList<IncidentState> _closed = new();
    private long _tidied;
    private long _dropped;

    public IncidentTracker(TimeProvider clock, Random? random = null, int? linesPerSecond = LinesPerSecond)
    {
        (_random, _lines, _time) = (random ?? Random.Shared, () => new LineThinning(linesPerSecond, _folded), new SteadyTime(clock));
        _news = new IncidentNews(_time);
        _started = _time.Now;
    }

    /// <summary>The name of this gateway, which its incidents carry.</summary>
    public string Gateway { get; set; } = "";

    /// <summary>
    /// Done once it is known what was open when the gateway last ran, or nobody waits for it any longer. A failure that is counted before opens an
    /// incident of its own where one would have gone on.
    /// </summary>
    public Task Restored { get; set; } = Task.CompletedTask;

    /// <summary>Incidents that were not kept because too many were open.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Folded failures whose ids were not kept because too many came at once.</summary>
    public long FoldedDropped => _folded.Dropped;

    public int OpenCount
    {
        get
        {
            lock (_sync)
            {
                Tidy(_time.Now);
                return _open.Count;
            }
        }
    }

    /// <summary>Routes and destinations whose last good answer is remembered.</summary>
    internal int Places
    {
        get
        {
            lock (_sync) return _health.Count;
        }
    }

    /// <summary>Counts a failure to its incident, opening one where there is none, and says what else is known.</summary>
    public FailureCounted Count(in FailureSeen seen)
    {
        lock (_sync)
        {
            var (now, wall) = _time.Read();
            var incident = FindOrOpen(seen, now);
            if (incident is not null)
            {
                if (incident.Add(seen, now, wall) is { } worse) _news.Tell(IncidentMoment.Worsened, incident, worse);
                _news.Changed(incident);
            }

            if (seen is { Route: { } route, ByClient: false, Saved: false }) _failingRoutes.Failed(route, now);
            return new FailureCounted(incident?.Id ?? NewId(), ContextOf(seen, incident, wall, now));
        }
    }

    /// <summary>The event of a counted failure as it is to be written, or nothing when a later line stands for it.</summary>
    public FailureEvent? TakeLine(FailureEvent e)
    {
        lock (_sync)
        {
            if (!_kept.TryGetValue(e.Incident, out var incident)) return e;
            var line = incident.Take(e, _time.Now);
            if (line is null) _news.Folds(incident);
            else _news.Changed(incident);
            return line;
        }
    }

    /// <summary>Lines for what was folded and no line came for since.</summary>
    public IReadOnlyList<FailureEvent> TakeFolded(bool all)
    {
        lock (_sync) return _news.TakeFolded(_time.Now, all);
    }

    /// <summary>The ids of what was folded, with the lines that came for it since this was last asked.</summary>
    public IReadOnlyList<FoldedFailures> TakeFoldedIds()
    {
        lock (_sync) return _folded.Take();
    }

    /// <summary>
    /// A good answer: it is remembered as the place's last success and closes what is open there. While nothing is, that is one look-up
    /// and one store.
    /// </summary>
    public void MarkSuccess(string? route, string? cluster, string? destination, string method, string path) =>
        MarkSuccess(route, cluster, destination, method, path, _time.Now);

    /// <param name="now">When it came, as <see cref="SteadyTime"/> has it.</param>
    internal void MarkSuccess(string? route, string? cluster, string? destination, string method, string path, long now)
    {
        if (route is null || destination is null) return;
        var place = new Place(route, destination);
        if (_health.Find(place, cluster) is { } health)
        {
            health.LastSuccess = now;
            if (!health.AwaitsAnswer) return;
        }

        Answered(place, cluster, method, path, now);
    }

    /// <summary>When a destination last answered well, over any route; absent when it never did.</summary>
    public DateTimeOffset? LastSuccess(string? cluster, string destination)
    {
        lock (_sync) return _health.Find(cluster, destination)?.LastSuccess is { } last ? _time.At(last) : null;
    }

    /// <summary>The open ones, newest failure first, then the closed, newest first.</summary>
    public IReadOnlyList<Incident> Snapshot()
    {
        lock (_sync)
        {
            var (now, _) = _time.Read();
            Tidy(now);
            return [.. _open.Values.OrderByDescending(i => i.LastSeen).Concat(_closed.Reverse()).Select(i => i.Now(_time, Gateway, now))];
        }
    }

    /// <summary>What is to be told since this was last asked. A recovery is told when it has lasted, or at once when the gateway stops.</summary>
    public IReadOnlyList<IncidentChange> TakeChanges(bool stopping = false)
    {
        lock (_sync)
        {
            var (now, _) = _time.Read();
            if (SteadyTime.Between(_tidied, now) >= TidyInterval) Tidy(now);
            return _news.TakeChanges(Gateway, now, stopping);
        }
    }

    /// <summary>At most so many of the incidents that changed since they were last taken.</summary>
    public IReadOnlyList<StoredIncident> TakeChanged(int most)
    {
        lock (_sync) return _news.TakeChanged(Gateway, _time.Read().Moment, most);
    }

    /// <summary>A new store has none of it.</summary>
    public void ChangeAll()
    {
        lock (_sync)
        {
            foreach (var incident in _kept.Values)
            {
                incident.ChangeAll();
                _news.Changed(incident);
            }
        }
    }

    /// <summary>Goes on with what was open when the gateway last ran.</summary>
    /// <returns>Those it cannot go on with, because the same failed anew before they were read.</returns>
    public IReadOnlyList<StoredIncident> Restore(IReadOnlyList<StoredIncident> stored)
    {
        lock (_sync)
        {
            var (now, _) = _time.Read();
            var superseded = new List<StoredIncident>();
            foreach (var s in stored)
            {
                if (_latest.ContainsKey(s.Key) || _kept.Count >= MaxIncidents)
                {
                    superseded.Add(s);
                    continue;
                }

                var incident = new IncidentState(s, _time, _lines);
                (_latest[incident.Key], _kept[incident.Id]) = (incident, incident);
                if (incident.EndedAt is null) Open(incident, s.Incident.Cluster);
                else _closed.AddLast(incident.Closed);
            }

            Tidy(now);
            return superseded;
        }
    }

    private string NewId() => "inc-" + FailureId.New(_random);

    private IncidentState? FindOrOpen(in FailureSeen seen, long now)
    {
        // A client's own fault is counted by itself: it must not stand as a failure of the destination it happened to be talking to.
        var place = new Place(seen.Route, seen.ByClient ? null : seen.Destination);
        var key = new IncidentKey(place, seen.Cause);
        if (_latest.TryGetValue(key, out var incident))
        {
            if (incident.EndedAt is null) return incident;
            if (incident.RecoveredAt is { } recovered && SteadyTime.Between(recovered, now) < FlapWindow)
            {
                _closed.Remove(incident.Closed);
                _news.Settle(incident, now);
                if (incident.IsSettled) _news.Tell(IncidentMoment.Opened, incident, "It fails again soon after it recovered.");
                incident.Reopen(now);
                return Open(incident, seen.Cluster);
            }
        }

        if (SteadyTime.Between(_tidied, now) >= TidyInterval) Tidy(now);
        if (_open.Count >= MaxIncidents)
        {
            // It still gets an id, so that its event is whole; it is only not remembered.
            Interlocked.Increment(ref _dropped);
            return null;
        }

        if (_kept.Count >= MaxIncidents) DropOldest(now);
        var lastSuccess = place.Destination is { } destination ? _health.Find(seen.Cluster, destination)?.LastSuccess : null;
        incident = new IncidentState(NewId(), key, now, lastSuccess, seen, _lines);
        (_latest[key], _kept[incident.Id]) = (incident, incident);
        _news.Tell(IncidentMoment.Opened, incident, "It fails for the first time.");
        return Open(incident, seen.Cluster);
    }

    private IncidentState Open(IncidentState incident, string? cluster)
    {
        _open.Add(incident.Id, incident);
        if (!incident.Blames || incident.Key.Place.Route is not { } route) return incident;
        _failingRoutes.Opened(route);
        _health.GetOrAdd(incident.Key.Place, cluster).Opened(incident);
        return incident;
    }

    private void Answered(in Place place, string? cluster, string method, string path, long now)
    {
        lock (_sync)
        {
            var health = _health.GetOrAdd(place, cluster);
            health.LastSuccess = now;
            health.Destination?.Answered(method, path);
            Recover(health, now);
            if (health.Route is { } route) Recover(route, now);
        }
    }

    private void Recover(PlaceHealth health, long now)
    {
        for (var i = health.Open.Count - 1; i >= 0; i--)
        {
            // A failure that is younger than this success is not mended by it.
            var incident = health.Open[i];
            if (incident.LastSeen > now) continue;
            incident.Recover(now);
            Close(incident);
            _news.Answered(incident);
        }
    }

    private void Close(IncidentState incident)
    {
        _open.Remove(incident.Id);
        _closed.AddLast(incident.Closed);
        if (incident.Health is null) return;
        incident.Health.Closed(incident);
        _failingRoutes.Closed(incident.Key.Place.Route!);
    }

    /// <summary>Closes what nobody has heard of for long: it may have mended, or no request goes there any more.</summary>
    private void Tidy(long now)
    {
        _tidied = now;
        List<IncidentState>? forgotten = null;
        foreach (var incident in _open.Values)
        {
            if (incident.IsForgotten(now)) (forgotten ??= []).Add(incident);
        }

        foreach (var incident in forgotten ?? [])
        {
            incident.Forget(now);
            Close(incident);
            _news.Changed(incident);
        }
    }

    private void DropOldest(long now)
    {
        var oldest = _closed.First!.Value;
        _news.Settle(oldest, now, atOnce: true);
        _closed.RemoveFirst();
        _kept.Remove(oldest.Id);
        if (_latest.GetValueOrDefault(oldest.Key) == oldest) _latest.Remove(oldest.Key);
    }

    private FailureContext ContextOf(in FailureSeen seen, IncidentState? incident, DateTimeOffset wall, long now) => new()
    {
        Now = wall,
        FirstSeen = incident is null ? null : _time.At(incident.FirstSeen),
        Count = incident?.Count ?? 1,
        Saved = incident?.Saved ?? (seen.Saved ? 1 : 0),
        Recoveries = incident?.Recoveries ?? 0,
        Paths = incident?.Requests.Paths ?? [],
        OtherPathsAnswer = incident is { OtherPathsAnswer: true },
        LastSuccess = seen.Destination is { } destination && _health.Find(seen.Cluster, destination)?.LastSuccess is { } last ? _time.At(last) : null,
        GatewayStarted = _time.At(_started),
        Neighbours = seen.Neighbours is { Count: > 0 } neighbours ? _health.States(seen.Cluster, neighbours, _time) : [],
        OtherFailingRoutes = _failingRoutes.Others(seen.Route, now),
    };
}
