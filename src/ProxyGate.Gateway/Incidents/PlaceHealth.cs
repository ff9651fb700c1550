namespace ProxyGate.Gateway.Incidents;

/// <summary>How a route's destination does. A good answer reads and writes it without a lock; the lists are the tracker's, under its lock.</summary>
internal sealed class PlaceHealth(Place place, string? cluster, DestinationHealth? destination, PlaceHealth? route)
{
    private long _lastSuccess;
    private volatile bool _isOpen;

    public Place Place => place;

    public string? Cluster => cluster;

    /// <summary>Absent for a route by itself.</summary>
    public DestinationHealth? Destination => destination;

    /// <summary>The route by itself, where its failures without a destination are; absent when this is it.</summary>
    public PlaceHealth? Route => route;

    public List<IncidentState> Open { get; } = [];

    /// <summary>How many places name this one as their <see cref="Route"/>.</summary>
    public int Destinations { get; set; }

    /// <summary>The moment of its last good answer; 0 when it never gave one.</summary>
    public long LastSuccess
    {
        get => Volatile.Read(ref _lastSuccess);
        set
        {
            Volatile.Write(ref _lastSuccess, value);
            destination?.AnsweredAt(value);
        }
    }

    /// <summary>Whether a good answer here changes anything but the time of the last one.</summary>
    public bool AwaitsAnswer => _isOpen || destination is { AwaitsAnswer: true } || route is { _isOpen: true };

    public void Opened(IncidentState incident)
    {
        incident.Health = this;
        Open.Add(incident);
        _isOpen = true;
        destination?.Opened(incident);
    }

    public void Closed(IncidentState incident)
    {
        incident.Health = null;
        Open.Remove(incident);
        _isOpen = Open.Count > 0;
        destination?.Closed(incident);
    }
}

/// <summary>A destination over all routes that lead to it.</summary>
internal sealed class DestinationHealth
{
    private readonly List<IncidentState> _open = [];
    private long _lastSuccess;
    private volatile bool _awaitsAnswer;

    /// <summary>How many places are this destination's: thousands, where as many routes lead to it.</summary>
    public int Places { get; set; }

    public bool IsIdle => Places == 0 && _open.Count == 0;

    /// <summary>Whether an open incident would hear of another path's good answer for the first time.</summary>
    public bool AwaitsAnswer => _awaitsAnswer;

    /// <summary>The moment it last answered well over any route; absent when it never did.</summary>
    public long? LastSuccess => Volatile.Read(ref _lastSuccess) is var last and not 0 ? last : null;

    /// <summary>The cause it fails with now; absent when it answered well since.</summary>
    public string? FailingWith
    {
        get
        {
            IncidentState? last = null;
            foreach (var incident in _open)
            {
                if (last is null || incident.LastSeen > last.LastSeen) last = incident;
            }

            return last is null || LastSuccess > last.LastSeen ? null : last.Key.Cause;
        }
    }

    public void AnsweredAt(long moment)
    {
        if (moment > Volatile.Read(ref _lastSuccess)) Volatile.Write(ref _lastSuccess, moment);
    }

    public void Opened(IncidentState incident)
    {
        _open.Add(incident);
        Look();
    }

    public void Closed(IncidentState incident)
    {
        _open.Remove(incident);
        Look();
    }

    /// <summary>A good answer, over whichever route.</summary>
    public void Answered(string method, string path)
    {
        foreach (var incident in _open) incident.Requests.Answered(method, path);
        Look();
    }

    private void Look()
    {
        var awaits = false;
        foreach (var incident in _open) awaits |= incident.ListensForOtherPaths;
        _awaitsAnswer = awaits;
    }
}
