namespace ProxyGate.Gateway.Incidents;

/// <summary>Route and destination: what a good answer speaks for.</summary>
internal readonly record struct Place(string? Route, string? Destination);

/// <summary>What makes failures one incident.</summary>
internal readonly record struct IncidentKey(Place Place, string Cause);

/// <summary>The state of one incident, open or closed. Touched under the tracker's lock only.</summary>
internal sealed class IncidentState
{
    private const int MaxPaths = 8;
    private const int MaxPathLength = 256;

    private static readonly TimeSpan ForgottenUnmended = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(24);

    private readonly bool _reachedApp;
    private readonly DateTimeOffset? _lastSuccess;
    private readonly List<(string Method, string Path)> _requests = [];
    private IReadOnlyList<string> _paths = [];
    private bool _otherPathAnswered;
    private bool _failingPathAnswered;
    private bool _morePaths;

    public IncidentState(string id, IncidentKey key, DateTimeOffset first, DateTimeOffset? lastSuccess, in FailureSeen seen)
    {
        (Id, Key, FirstSeen, LastSeen, _lastSuccess) = (id, key, first, first, lastSuccess);
        (_reachedApp, Blames) = (seen.ReachedApp, !seen.ByClient);
        Closed = new LinkedListNode<IncidentState>(this);
    }

    public string Id { get; }

    public IncidentKey Key { get; }

    public DateTimeOffset FirstSeen { get; }

    public DateTimeOffset LastSeen { get; private set; }

    public long Count { get; private set; }

    public long Saved { get; private set; }

    /// <summary>How often it recovered, only to fail again soon after.</summary>
    public int Recoveries { get; private set; }

    public DateTimeOffset? RecoveredAt { get; private set; }

    /// <summary>When it closed; absent while it is open.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>The paths that failed, the first eight.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>A client's own fault is nothing that the route or the destination has.</summary>
    public bool Blames { get; }

    /// <summary>The place it is open at; absent where a good answer cannot close it.</summary>
    public PlaceHealth? Health { get; set; }

    /// <summary>Its place among the closed.</summary>
    public LinkedListNode<IncidentState> Closed { get; }

    /// <summary>Whether the next good answer of the destination on another path would be news.</summary>
    public bool ListensForOtherPaths => _reachedApp && !_otherPathAnswered && EndedAt is null;

    /// <summary>
    /// Other paths answered while these few never did: then it is not the whole destination. Where more paths fail than are remembered,
    /// or a failing one answered in between, that cannot be said.
    /// </summary>
    public bool OtherPathsAnswer => _otherPathAnswered && !_failingPathAnswered && !_morePaths;

    /// <summary>Nothing more was heard of it: at once where no good answer could close it, late where one would have.</summary>
    public bool IsForgotten(DateTimeOffset now) => now - LastSeen >= (Key.Place.Destination is null ? ForgottenUnmended : Forgotten);

    public void Reopen() => (RecoveredAt, EndedAt) = (null, null);

    public void Add(in FailureSeen seen, DateTimeOffset now)
    {
        Count++;
        if (seen.Saved) Saved++;
        if (now > LastSeen) LastSeen = now;
        if (seen.Path is { } path) Remember(seen.Method ?? "", Shortened(path));
    }

    /// <summary>The destination answered a request well.</summary>
    public void Answered(string method, string path)
    {
        if (!_reachedApp) return;
        path = Shortened(path);
        if (Failed(method, path)) _failingPathAnswered = true;
        // The same path by another method says nothing of other paths.
        else if (!_requests.Exists(r => r.Path == path)) _otherPathAnswered = true;
    }

    public void Recover(DateTimeOffset now)
    {
        (RecoveredAt, EndedAt) = (now, now);
        Recoveries++;
    }

    public void Forget(DateTimeOffset now) => EndedAt = now;

    public Incident Now() => new()
    {
        Id = Id,
        Route = Key.Place.Route,
        Destination = Key.Place.Destination,
        Cause = Key.Cause,
        FirstSeen = FirstSeen,
        LastSeen = LastSeen,
        Count = Count,
        Saved = Saved,
        LastSuccess = _lastSuccess,
        RecoveredAt = RecoveredAt,
        Status = EndedAt is null ? IncidentStatus.Open : RecoveredAt is null ? IncidentStatus.Quiet : IncidentStatus.Recovered,
    };

    private static string Shortened(string path) => path.Length > MaxPathLength ? path[..MaxPathLength] : path;

    private bool Failed(string method, string path)
    {
        foreach (var request in _requests)
        {
            if (request.Path == path && request.Method == method) return true;
        }

        return false;
    }

    private void Remember(string method, string path)
    {
        if (Failed(method, path)) return;
        if (_requests.Count == MaxPaths)
        {
            _morePaths = true;
            return;
        }

        if (!_requests.Exists(r => r.Path == path)) _paths = [.. _paths, path];
        _requests.Add((method, path));
    }
}
