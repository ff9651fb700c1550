using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Incidents.Counting;

namespace ProxyGate.Gateway.Incidents;

/// <summary>
/// The last good answer of every route and destination. Bounded: when it is full, those that answered longest ago are forgotten, never
/// one with an open incident. Looking up takes no lock; everything else happens under the tracker's.
/// </summary>
internal sealed class HealthBook
{
    /// <summary>Ten thousand routes to a few destinations each, and more than any one configuration has; about 20 MiB when it is full.</summary>
    public const int MaxPlaces = 100_000;

    private readonly ConcurrentDictionary<Place, PlaceHealth> _places = new();
    private readonly Dictionary<(string? Cluster, string Destination), DestinationHealth> _destinations = [];

    public int Count => _places.Count;

    /// <summary>The place as it is known; a reload may have given the route another cluster, whose destination of the same name is another.</summary>
    public PlaceHealth? Find(in Place place, string? cluster) =>
        _places.TryGetValue(place, out var found) && found.Cluster == cluster ? found : null;

    public DestinationHealth? Find(string? cluster, string destination) => _destinations.GetValueOrDefault((cluster, destination));

    /// <summary>How other destinations of a cluster do.</summary>
    public NeighbourState[] States(string? cluster, IReadOnlyList<string> neighbours, SteadyTime time)
    {
        var states = new NeighbourState[Math.Min(neighbours.Count, IncidentTracker.MaxNeighbours)];
        for (var i = 0; i < states.Length; i++)
        {
            var health = Find(cluster, neighbours[i]);
            states[i] = new NeighbourState(neighbours[i], health?.LastSuccess is { } last ? time.At(last) : null, health?.FailingWith);
        }

        return states;
    }

    public PlaceHealth GetOrAdd(in Place place, string? cluster)
    {
        if (Find(place, cluster) is { } known) return known;
        // Room for the route by itself, too.
        if (_places.Count >= MaxPlaces - 1) MakeRoom();
        if (place is not { Route: { } id, Destination: not null }) return Add(place, cluster, null);
        var route = new Place(id, null);
        return Add(place, cluster, Find(route, cluster) ?? Add(route, cluster, null));
    }

    private PlaceHealth Add(in Place place, string? cluster, PlaceHealth? route)
    {
        DestinationHealth? destination = null;
        if (place.Destination is { } id && !_destinations.TryGetValue((cluster, id), out destination))
            _destinations.Add((cluster, id), destination = new DestinationHealth());
        var health = new PlaceHealth(place, cluster, destination, route);
        if (_places.TryGetValue(place, out var before))
        {
            // What is open there is still closed by a good answer of the route.
            foreach (var incident in before.Open.ToArray())
            {
                before.Closed(incident);
                health.Opened(incident);
            }

            Forget(before);
        }

        if (destination is not null) destination.Places++;
        if (route is not null) route.Destinations++;
        _places[place] = health;
        return health;
    }

    private void MakeRoom()
    {
        var idle = _places.Values.Where(p => p is { Open.Count: 0, Destinations: 0 }).OrderBy(p => p.LastSuccess).Take(MaxPlaces / 4).ToList();
        foreach (var place in idle)
        {
            _places.TryRemove(place.Place, out _);
            Forget(place);
        }
    }

    private void Forget(PlaceHealth place)
    {
        if (place is not { Destination: { } destination, Place.Destination: { } id }) return;
        if (place.Route is { } route) route.Destinations--;
        destination.Places--;
        if (destination.IsIdle) _destinations.Remove((place.Cluster, id));
    }
}
