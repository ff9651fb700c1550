using System.Net;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Counting;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents;

/// <summary>Route and destination: what a good answer speaks for.</summary>
internal readonly record struct Place(string? Route, string? Destination);

/// <summary>What makes failures one incident.</summary>
internal readonly record struct IncidentKey(Place Place, string Cause);

/// <summary>The state of one incident, open or closed. Moments are of <see cref="SteadyTime"/>. Touched under the tracker's lock only.</summary>
internal sealed class IncidentState
{
    private const int MaxText = 1024;

    private static readonly TimeSpan ForgottenUnmended = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Forgotten = TimeSpan.FromHours(24);

    private readonly OutageHistory _outages;
    private readonly MinuteCounts _minutes = new();
    private readonly NameCounts<string> _paths = new();
    private readonly NameCounts<IPAddress> _clients = new();
    private readonly Worsening _worsening = new();
    private readonly LineThinning _lines;
    private readonly LineThinning _savedLines;
    private readonly LineThinning _otherLines;
    private readonly long? _lastSuccess;
    private string? _sentence;
    private string? _hint;

    public IncidentState(string id, IncidentKey key, long first, long? lastSuccess, in FailureSeen seen, Func<LineThinning> lines)
        : this(id, key, seen.Cluster, first, lastSuccess, lines)
    {
        Blames = !seen.ByClient;
        Requests = new FailedRequests(seen.ReachedApp);
    }

    /// <summary>As it was stored before the start.</summary>
    public IncidentState(StoredIncident stored, SteadyTime time, Func<LineThinning> lines)
        : this(stored.Incident.Id, stored.Key, stored.Incident.Cluster, time.Of(stored.Incident.FirstSeen), stored.Incident.LastSuccess is { } at ? time.Of(at) : null, lines)
    {
        var incident = stored.Incident;
        (Blames, Requests) = (stored.Blames, new FailedRequests(stored.ReachedApp));
        (LastSeen, Count, Saved, Recoveries) = (time.Of(incident.LastSeen), incident.Count, incident.Saved, incident.Flaps);
        (_sentence, _hint) = (incident.Sentence, incident.Hint);
        if (!incident.IsOpen && incident.RecoveredAt is { } recovered) (RecoveredAt, EndedAt) = (time.Of(recovered), time.Of(recovered));
        _outages.Restore(stored.Outages, incident.Downtime, incident.Flaps, incident.IsOpen, LastSeen, time);
        _minutes.Restore(stored.Minutes);
        foreach (var path in stored.Paths.Known)
        {
            _paths.Add(path.Name, path.Count);
            Requests.Add("", path.Name);
        }

        foreach (var client in stored.Clients.Known)
        {
            if (IPAddress.TryParse(client.Name, out var address)) _clients.Add(address, client.Count);
            else _clients.AddOthers(client.Count);
        }

        _paths.AddOthers(stored.Paths.Others);
        _clients.AddOthers(stored.Clients.Others);
        _worsening.Restore(stored.Minutes.Select(m => m.Count).DefaultIfEmpty().Max(), incident.Saved == incident.Count, incident.WorsenedAt is { } worse ? time.Of(worse) : 0);
    }

    private IncidentState(string id, IncidentKey key, string? cluster, long first, long? lastSuccess, Func<LineThinning> lines)
    {
        (Id, Key, Cluster, FirstSeen, LastSeen, _lastSuccess) = (id, key, cluster, first, first, lastSuccess);
        (_lines, _savedLines, _otherLines, _outages) = (lines(), lines(), lines(), new OutageHistory(first));
        Closed = new LinkedListNode<IncidentState>(this);
        Requests = null!;
    }

    public string Id { get; }

    public IncidentKey Key { get; }

    public string? Cluster { get; }

    public long FirstSeen { get; }

    public long LastSeen { get; private set; }

    public long Count { get; private set; }

    public long Saved { get; private set; }

    /// <summary>How often a good answer came between its failures.</summary>
    public int Recoveries { get; private set; }

    public long? RecoveredAt { get; private set; }

    /// <summary>When it closed; absent while it is open.</summary>
    public long? EndedAt { get; private set; }

    /// <summary>A client's own fault is nothing that the route or the destination has.</summary>
    public bool Blames { get; }

    /// <summary>Which requests failed.</summary>
    public FailedRequests Requests { get; }

    /// <summary>The place it is open at; absent where a good answer cannot close it.</summary>
    public PlaceHealth? Health { get; set; }

    /// <summary>Its place among the closed.</summary>
    public LinkedListNode<IncidentState> Closed { get; }

    /// <summary>Whether it changed since it was last handed to the store.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Whether it waits for its recovery to last.</summary>
    public bool IsSettling { get; set; }

    /// <summary>Whether its last outage has ended for good.</summary>
    public bool IsSettled => _outages.IsEnded;

    public bool IsListedFolding { get; set; }

    public bool IsFolding => _lines.IsFolding || _savedLines.IsFolding || _otherLines.IsFolding;

    /// <summary>Whether the next good answer of the destination on another path would be news.</summary>
    public bool ListensForOtherPaths => Requests.ListensForOthers && EndedAt is null;

    public bool OtherPathsAnswer => Requests.OthersAnswer;

    /// <summary>Nothing more was heard of it: at once where no good answer could close it, late where one would have.</summary>
    public bool IsForgotten(long now) => SteadyTime.Between(LastSeen, now) >= (Key.Place.Destination is null ? ForgottenUnmended : Forgotten);

    public void Reopen(long now)
    {
        (RecoveredAt, EndedAt) = (null, null);
        _outages.FailsAgain(now);
    }

    /// <summary>Counts a failure.</summary>
    /// <returns>In which way it is worse now; absent when it is not.</returns>
    public string? Add(in FailureSeen seen, long now, DateTimeOffset wall)
    {
        Count++;
        if (seen.Saved) Saved++;
        if (now > LastSeen) LastSeen = now;
        _minutes.Add(wall);
        _outages.Failed();
        if (seen.Client is { } client) _clients.Add(client);
        if (seen.Path is { } path) _paths.Add(Requests.Add(seen.Method ?? "", path));
        return _worsening.Add(seen.Saved, now);
    }

    /// <summary>The event as it is to be written, or nothing when a later line stands for it.</summary>
    public FailureEvent? Take(FailureEvent e, long now)
    {
        // A line stands for failures of one cause only: what an open circuit turned away is not folded into what opened it.
        var isOwn = e.Diagnosis.Failure.Cause.Id == Key.Cause;
        var line = (e.Saved ? _savedLines : isOwn ? _lines : _otherLines).Take(e, now);
        if (line is not null && (isOwn || _sentence is null)) (_sentence, _hint) = (line.Diagnosis.Sentence, line.Diagnosis.Hints.Count > 0 ? line.Diagnosis.Hints[0].Id : null);
        return line;
    }

    public void TakeFolded(long now, bool all, List<FailureEvent> lines)
    {
        if (_lines.TakeFolded(now, all) is { } line) lines.Add(line);
        if (_savedLines.TakeFolded(now, all) is { } saved) lines.Add(saved);
        if (_otherLines.TakeFolded(now, all) is { } other) lines.Add(other);
    }

    /// <summary>The destination answered well after its failures: it is closed, and recovered if that lasts.</summary>
    public void Recover(long now)
    {
        (RecoveredAt, EndedAt) = (now, now);
        Recoveries++;
        _outages.Answered(now);
    }

    /// <summary>Takes the last good answer as a recovery when it lasted.</summary>
    /// <returns>The outage that ended; absent when none did.</returns>
    public EndedOutage? Settle(long now, SteadyTime time, bool atOnce = false)
    {
        if (EndedAt is null || !(_outages.HasSettled(now) || (atOnce && !_outages.IsEnded && RecoveredAt is not null))) return null;
        var (from, failures) = (time.At(_outages.From), _outages.Failures);
        return new EndedOutage(from, _outages.Settle(), Math.Max(1, failures));
    }

    public void Forget(long now)
    {
        EndedAt = now;
        _outages.FellSilent(LastSeen);
    }

    public void ChangeAll() => _minutes.ChangeAll();

    public Incident Now(SteadyTime time, string gateway, long now) => new()
    {
        Id = Id,
        Gateway = gateway,
        Route = HostileText.Line(Key.Place.Route, 256),
        Cluster = HostileText.Line(Cluster, 256),
        Destination = HostileText.Line(Key.Place.Destination, 256),
        Cause = Key.Cause,
        Status = EndedAt is null || !_outages.IsEnded ? IncidentStatus.Open : RecoveredAt is null ? IncidentStatus.Quiet : IncidentStatus.Recovered,
        FirstSeen = time.At(FirstSeen),
        LastSeen = time.At(LastSeen),
        Count = Count,
        Saved = Saved,
        LastSuccess = _lastSuccess is { } success ? time.At(success) : null,
        RecoveredAt = RecoveredAt is { } recovered ? time.At(recovered) : null,
        Downtime = _outages.Downtime(now),
        Flaps = _outages.Flaps,
        WorsenedAt = _worsening.At == 0 ? null : time.At(_worsening.At),
        Sentence = HostileText.Line(_sentence, MaxText),
        Hint = _hint,
    };

    /// <summary>For the store: all of it, and the minutes that changed since this was last asked.</summary>
    public StoredIncident Take(SteadyTime time, string gateway, long now)
    {
        IsDirty = false;
        return new StoredIncident
        {
            Incident = Now(time, gateway, now),
            Blames = Blames,
            ReachedApp = Requests.ReachedApp,
            Minutes = _minutes.TakeChanged(),
            Outages = _outages.Now(time),
            Paths = _paths.Now(),
            Clients = _clients.Now(),
        };
    }
}

/// <summary>An outage that ended with a good answer.</summary>
internal readonly record struct EndedOutage(DateTimeOffset From, TimeSpan Downtime, long Failures);
