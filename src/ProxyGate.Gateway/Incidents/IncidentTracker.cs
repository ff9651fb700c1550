using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents;

/// <summary>
/// Groups failures into incidents, in memory. A success of the same route and destination closes what is open there.
/// Bounded: the closed make room first; when all are open, further ones are counted as dropped.
/// </summary>
internal sealed class IncidentTracker(TimeProvider clock, Random? random = null)
{
    public const int MaxIncidents = 1000;

    private const int MaxPlaces = 10_000;

    private readonly Random _random = random ?? Random.Shared;
    private readonly ConcurrentDictionary<Place, Health> _places = new();
    private readonly Lock _sync = new();
    private readonly Dictionary<Key, Entry> _open = [];
    private readonly Queue<Incident> _closed = new();
    private volatile bool _anyOpen;
    private long _dropped;

    /// <summary>Incidents that were not kept because too many were open.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public int OpenCount
    {
        get
        {
            lock (_sync) return _open.Count;
        }
    }

    /// <summary>Raised when an incident closes, outside any lock.</summary>
    public event Action<Incident>? Recovered;

    /// <summary>Counts a failure to its incident, opening one where there is none, and returns the incident's id.</summary>
    public string Open(string? route, string? destination, string cause, DateTimeOffset now)
    {
        var place = new Place(route, destination);
        var key = new Key(place, cause);
        lock (_sync)
        {
            if (!_open.TryGetValue(key, out var entry))
            {
                entry = new Entry("inc-" + FailureId.New(_random), now, _places.GetValueOrDefault(place)?.LastSuccess);
                if (_open.Count >= MaxIncidents)
                {
                    // It still gets an id, so that its event is whole; it is only not remembered.
                    Interlocked.Increment(ref _dropped);
                    return entry.Id;
                }

                if (_open.Count + _closed.Count >= MaxIncidents) _closed.Dequeue();
                _open.Add(key, entry);
                if (_places.TryGetValue(place, out var health)) health.IsOpen = true;
                else if (_places.Count < MaxPlaces) _places.GetOrAdd(place, static _ => new Health()).IsOpen = true;
                _anyOpen = true;
            }

            entry.Count++;
            if (now > entry.LastSeen) entry.LastSeen = now;
            return entry.Id;
        }
    }

    public string Open(string? route, string? destination, string cause) => Open(route, destination, cause, clock.GetUtcNow());

    /// <summary>
    /// A good answer: it is remembered as the place's last success and closes what is open there. While nothing is, that is one look-up
    /// and one store.
    /// </summary>
    public void MarkSuccess(string? route, string? destination, DateTimeOffset now)
    {
        var place = new Place(route, destination);
        if (_places.TryGetValue(place, out var health)) health.LastSuccess = now;
        else if (_places.Count < MaxPlaces) health = _places.GetOrAdd(place, new Health { LastSuccess = now });
        if (health is null ? _anyOpen : health.IsOpen) Close(place, health, now);
    }

    public void MarkSuccess(string? route, string? destination) => MarkSuccess(route, destination, clock.GetUtcNow());

    /// <summary>The open ones, newest failure first, then the recovered, newest first.</summary>
    public IReadOnlyList<Incident> Snapshot()
    {
        lock (_sync)
        {
            return
            [
                .. _open.Select(p => p.Value.At(p.Key, null)).OrderByDescending(i => i.LastSeen),
                .. _closed.Reverse(),
            ];
        }
    }

    private void Close(Place place, Health? health, DateTimeOffset now)
    {
        List<Incident> recovered = [];
        lock (_sync)
        {
            var stillOpen = false;
            foreach (var (key, entry) in _open)
            {
                // A failure that is younger than this success is not mended by it.
                if (key.Place != place) continue;
                if (entry.LastSeen > now) stillOpen = true;
                else recovered.Add(entry.At(key, now));
            }

            foreach (var incident in recovered)
            {
                _open.Remove(new Key(place, incident.Cause));
                _closed.Enqueue(incident);
            }

            if (health is not null) health.IsOpen = stillOpen;
            _anyOpen = _open.Count > 0;
        }

        foreach (var incident in recovered) Recovered?.Invoke(incident);
    }

    private readonly record struct Place(string? Route, string? Destination);

    private readonly record struct Key(Place Place, string Cause);

    private sealed class Health
    {
        private long _lastSuccessTicks;

        public volatile bool IsOpen;

        public DateTimeOffset? LastSuccess
        {
            get => Volatile.Read(ref _lastSuccessTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
            set => Volatile.Write(ref _lastSuccessTicks, value?.UtcTicks ?? 0);
        }
    }

    private sealed class Entry(string id, DateTimeOffset first, DateTimeOffset? lastSuccess)
    {
        public string Id => id;

        public DateTimeOffset LastSeen { get; set; }

        public long Count { get; set; }

        public Incident At(Key key, DateTimeOffset? recoveredAt) => new()
        {
            Id = id,
            Route = key.Place.Route,
            Destination = key.Place.Destination,
            Cause = key.Cause,
            FirstSeen = first,
            LastSeen = LastSeen,
            Count = Count,
            LastSuccess = lastSuccess,
            RecoveredAt = recoveredAt,
        };
    }
}
