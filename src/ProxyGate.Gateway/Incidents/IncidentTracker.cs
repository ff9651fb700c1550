using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Incidents;

/// <summary>
/// Groups failures into incidents, in memory, and says of each what else is known at that moment. A good answer of the same route and
/// destination closes what is open there; what fails again soon after is the same incident still.
/// Bounded: the closed make room first; when all are open, further ones are counted as dropped.
/// </summary>
internal sealed class IncidentTracker(TimeProvider clock, Random? random = null)
{
    public const int MaxIncidents = 1000;

    /// <summary>As many other destinations of a cluster are told of.</summary>
    public const int MaxNeighbours = 16;

    /// <summary>What fails again within this time has not recovered; it comes and goes.</summary>
    public static readonly TimeSpan FlapWindow = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan TidyInterval = TimeSpan.FromSeconds(10);

    private readonly Random _random = random ?? Random.Shared;
    private readonly DateTimeOffset _started = clock.GetUtcNow();
    private readonly Lock _sync = new();
    private readonly HealthBook _health = new();
    private readonly FailingRoutes _failingRoutes = new();
    private readonly Dictionary<IncidentKey, IncidentState> _latest = [];
    private readonly Dictionary<string, IncidentState> _open = [];
    private readonly LinkedList<IncidentState> _closed = new();
    private DateTimeOffset _tidied;
    private long _dropped;

    /// <summary>Incidents that were not kept because too many were open.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public int OpenCount
    {
        get
        {
            lock (_sync)
            {
                Tidy(clock.GetUtcNow());
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

    /// <summary>Raised when an incident closes by a good answer, outside any lock.</summary>
    public event Action<Incident>? Recovered;

    /// <summary>Counts a failure to its incident, opening one where there is none, and says what else is known.</summary>
    public FailureCounted Count(in FailureSeen seen)
    {
        var now = clock.GetUtcNow();
        lock (_sync)
        {
            var incident = FindOrOpen(seen, now);
            incident?.Add(seen, now);
            if (seen is { Route: { } route, ByClient: false, Saved: false }) _failingRoutes.Failed(route, now);
            return new FailureCounted(incident?.Id ?? NewId(), ContextOf(seen, incident, now));
        }
    }

    /// <summary>
    /// A good answer: it is remembered as the place's last success and closes what is open there. While nothing is, that is one look-up
    /// and one store.
    /// </summary>
    public void MarkSuccess(string? route, string? cluster, string? destination, string method, string path) =>
        MarkSuccess(route, cluster, destination, method, path, clock.GetUtcNow());

    public void MarkSuccess(string? route, string? cluster, string? destination, string method, string path, DateTimeOffset now)
    {
        if (route is null || destination is null) return;
        var place = new Place(route, destination);
        if (_health.Find(place, cluster) is { } health)
        {
            health.LastSuccessTicks = now.UtcTicks;
            if (!health.AwaitsAnswer) return;
        }

        Answered(place, cluster, method, path, now);
    }

    /// <summary>The open ones, newest failure first, then the closed, newest first.</summary>
    public IReadOnlyList<Incident> Snapshot()
    {
        lock (_sync)
        {
            Tidy(clock.GetUtcNow());
            return [.. _open.Values.OrderByDescending(i => i.LastSeen).Concat(_closed.Reverse()).Select(i => i.Now())];
        }
    }

    private string NewId() => "inc-" + FailureId.New(_random);

    private IncidentState? FindOrOpen(in FailureSeen seen, DateTimeOffset now)
    {
        // A client's own fault is counted by itself: it must not stand as a failure of the destination it happened to be talking to.
        var place = new Place(seen.Route, seen.ByClient ? null : seen.Destination);
        var key = new IncidentKey(place, seen.Cause);
        if (_latest.TryGetValue(key, out var incident))
        {
            if (incident.EndedAt is null) return incident;
            if (now - incident.RecoveredAt < FlapWindow)
            {
                _closed.Remove(incident.Closed);
                return Open(incident, seen.Cluster);
            }
        }

        if (now - _tidied >= TidyInterval) Tidy(now);
        if (_open.Count >= MaxIncidents)
        {
            // It still gets an id, so that its event is whole; it is only not remembered.
            Interlocked.Increment(ref _dropped);
            return null;
        }

        if (_open.Count + _closed.Count >= MaxIncidents) DropOldest();
        var lastSuccess = place.Destination is { } destination ? _health.Find(seen.Cluster, destination)?.LastSuccess : null;
        incident = new IncidentState(NewId(), key, now, lastSuccess, seen);
        _latest[key] = incident;
        return Open(incident, seen.Cluster);
    }

    private IncidentState Open(IncidentState incident, string? cluster)
    {
        incident.Reopen();
        _open.Add(incident.Id, incident);
        if (!incident.Blames || incident.Key.Place.Route is not { } route) return incident;
        _failingRoutes.Opened(route);
        _health.GetOrAdd(incident.Key.Place, cluster).Opened(incident);
        return incident;
    }

    private void Answered(in Place place, string? cluster, string method, string path, DateTimeOffset now)
    {
        List<Incident> recovered = [];
        lock (_sync)
        {
            var health = _health.GetOrAdd(place, cluster);
            health.LastSuccessTicks = now.UtcTicks;
            health.Destination?.Answered(method, path);
            Recover(health, now, recovered);
            if (health.Route is { } route) Recover(route, now, recovered);
        }

        foreach (var incident in recovered) Recovered?.Invoke(incident);
    }

    private void Recover(PlaceHealth health, DateTimeOffset now, List<Incident> recovered)
    {
        for (var i = health.Open.Count - 1; i >= 0; i--)
        {
            // A failure that is younger than this success is not mended by it.
            var incident = health.Open[i];
            if (incident.LastSeen > now) continue;
            incident.Recover(now);
            Close(incident);
            recovered.Add(incident.Now());
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
    private void Tidy(DateTimeOffset now)
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
        }
    }

    private void DropOldest()
    {
        var oldest = _closed.First!.Value;
        _closed.RemoveFirst();
        if (_latest.GetValueOrDefault(oldest.Key) == oldest) _latest.Remove(oldest.Key);
    }

    private FailureContext ContextOf(in FailureSeen seen, IncidentState? incident, DateTimeOffset now) => new()
    {
        Now = now,
        FirstSeen = incident?.FirstSeen,
        Count = incident?.Count ?? 1,
        Saved = incident?.Saved ?? (seen.Saved ? 1 : 0),
        Recoveries = incident?.Recoveries ?? 0,
        Paths = incident?.Paths ?? [],
        OtherPathsAnswer = incident is { OtherPathsAnswer: true },
        LastSuccess = seen.Destination is { } destination ? _health.Find(seen.Cluster, destination)?.LastSuccess : null,
        GatewayStarted = _started,
        Neighbours = seen.Neighbours is { Count: > 0 } neighbours ? States(seen.Cluster, neighbours) : [],
        OtherFailingRoutes = _failingRoutes.Others(seen.Route, now),
    };

    private NeighbourState[] States(string? cluster, IReadOnlyList<string> neighbours)
    {
        var states = new NeighbourState[Math.Min(neighbours.Count, MaxNeighbours)];
        for (var i = 0; i < states.Length; i++)
        {
            var health = _health.Find(cluster, neighbours[i]);
            states[i] = new NeighbourState(neighbours[i], health?.LastSuccess, health?.FailingWith);
        }

        return states;
    }
}
