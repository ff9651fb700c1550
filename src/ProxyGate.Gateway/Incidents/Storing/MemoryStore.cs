using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// The store that ends with the gateway: what is configured so, and what is left when no other can be used. Bounded: the oldest closed
/// incidents and the oldest samples go first; the first samples of an incident stay with it.
/// </summary>
internal sealed class MemoryStore(string gateway = "") : IIncidentStore
{
    private const int MostIncidents = IncidentTracker.MaxIncidents;
    private const int MostFailures = 2000;
    private const int MostFirst = 5;
    private const int MostFindings = 10;
    private const int Shown = 5;
    private const int ShownBetween = 10;

    private readonly Lock _sync = new();
    private readonly Dictionary<string, Kept> _incidents = [];
    private readonly LinkedList<FailureEvent> _failures = new();
    private readonly FoldedMemory _folded = new();
    private OutboxChange _outbox = OutboxChange.None;

    public string Gateway { get; set; } = gateway;

    public string Kind => "memory";

    public string? Place => null;

    public Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            foreach (var incident in batch.Incidents) Of(incident.Incident.Id).Take(incident);
            foreach (var failure in batch.Failures) Add(failure);
            foreach (var folded in batch.Folded) _folded.Add(folded);
            _outbox = new OutboxChange(_outbox.Then(batch.Outbox).Waiting, []);
            foreach (var finding in batch.Findings)
            {
                if (_incidents.TryGetValue(finding.Finding.Incident, out var kept)) kept.Add(finding.Finding);
            }

            MakeRoom();
        }

        return Task.CompletedTask;
    }

    /// <summary>All that is kept, for a store that can be used again.</summary>
    public StoreBatch Everything()
    {
        lock (_sync) return new StoreBatch([.. _incidents.Values.Select(k => k.Whole()).OfType<StoredIncident>()], [.. _failures], []) { Folded = _folded.All, Outbox = _outbox };
    }

    public Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            return Task.FromResult(Page(
                _incidents.Values.Select(k => k.Last?.Incident).OfType<Incident>().Where(i => Matching.Fits(i, filter)).OrderByDescending(i => i.IsOpen).ThenByDescending(i => i.LastSeen).ThenBy(i => i.Id, StringComparer.Ordinal),
                filter.Limit, filter.Cursor, i => i.Id));
        }
    }

    public Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            if (!_incidents.TryGetValue(id, out var kept) || kept.Last is not { } last) return Task.FromResult<IncidentWhole?>(null);
            var events = kept.First.Concat(_failures.Reverse().Where(e => e.Incident == id && !kept.First.Contains(e))).OrderBy(e => e.Time).ToList();
            var ends = Math.Min(Shown, events.Count);
            var lasts = Math.Min(Shown, events.Count - ends);
            var between = events.Skip(ends).SkipLast(lasts).ToList();
            return Task.FromResult<IncidentWhole?>(new IncidentWhole
            {
                Incident = last.Incident,
                Minutes = [.. kept.Minutes.Select(m => new MinuteCount(m.Key, m.Value))],
                Outages = last.Outages,
                Paths = last.Paths,
                Clients = last.Clients,
                First = [.. events.Take(ends).Select(Entry)],
                Between = [.. between.Where((_, i) => i % Math.Max(1, between.Count / ShownBetween) == 0).Take(ShownBetween).Select(Entry)],
                Last = [.. events.TakeLast(lasts).Reverse().Select(Entry)],
                Sample = events.LastOrDefault(e => e.Diagnosis.Failure.Cause.Id == last.Incident.Cause) ?? events.LastOrDefault(),
                Findings = [.. kept.Findings],
                NotKept = Math.Max(0, last.Incident.Count - events.Count),
            });
        }
    }

    public Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken)
    {
        lock (_sync) return Task.FromResult(Page(_failures.Select(Entry).Where(e => Matching.Fits(e, filter)), filter.Limit, filter.Cursor, e => e.Id));
    }

    public Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            if (Sample(e => e.Id == id) is { } own) return Task.FromResult<FailureWhole?>(new FailureWhole(Entry(own), own));
            if (_folded.Find(id) is not { } folded) return Task.FromResult<FailureWhole?>(null);
            var found = Sample(e => e.Id == folded.Line) ?? Sample(e => e.Incident == folded.Incident);
            return Task.FromResult(found is null ? null : new FailureWhole(Entry(found), found) { Folded = FoldedInto.Of(folded, id) });
        }
    }

    public Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken)
    {
        lock (_sync)
        {
            IReadOnlyList<CauseSeries> series =
            [
                .. from kept in _incidents.Values
                   where kept.Last is not null && Matching.Fits(kept.Last.Incident, query)
                   from minute in kept.Minutes
                   where minute.Key >= query.From && minute.Key < query.To
                   group minute by kept.Last!.Incident.Cause into cause
                   orderby cause.Key
                   select new CauseSeries(cause.Key, Matching.InSteps(cause.Select(m => new MinuteCount(m.Key, m.Value)), query)),
            ];
            return Task.FromResult(series);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private FailureEvent? Sample(Func<FailureEvent, bool> wanted) =>
        _failures.FirstOrDefault(wanted) ?? _incidents.Values.SelectMany(k => k.First).FirstOrDefault(wanted);

    private FailureEntry Entry(FailureEvent e) => FailureEntries.Of(e, Gateway);

    private Kept Of(string id)
    {
        if (!_incidents.TryGetValue(id, out var kept)) _incidents.Add(id, kept = new Kept());
        return kept;
    }

    private void Add(FailureEvent failure)
    {
        _failures.AddFirst(failure);
        var kept = Of(failure.Incident);
        if (kept.First.Count < MostFirst) kept.First.Add(failure);
    }

    private void MakeRoom()
    {
        while (_failures.Count > MostFailures) _failures.RemoveLast();
        if (_incidents.Count <= MostIncidents) return;
        // A quarter at once, so that a storm of incidents does not sort them all for each.
        foreach (var (id, _) in _incidents.OrderBy(k => k.Value.Last?.Incident.IsOpen ?? false).ThenBy(k => k.Value.Last?.Incident.LastSeen).Take(_incidents.Count - (MostIncidents * 3 / 4)).ToList())
            _incidents.Remove(id);
    }

    private static ArchivePage<T> Page<T>(IEnumerable<T> all, int limit, string? cursor, Func<T, string> id)
    {
        limit = Math.Clamp(limit, 1, ArchivePage.Largest);
        var items = all.ToList();
        var start = cursor is null ? 0 : items.FindIndex(i => id(i) == cursor) + 1;
        var page = items.Skip(start).Take(limit).ToList();
        return new ArchivePage<T>(page, start + page.Count < items.Count ? id(page[^1]) : null);
    }

    private sealed class Kept
    {
        public StoredIncident? Last { get; private set; }

        public SortedDictionary<DateTimeOffset, long> Minutes { get; } = [];

        public List<FailureEvent> First { get; } = [];

        public LinkedList<FindingEvent> Findings { get; } = new();

        public void Take(StoredIncident incident)
        {
            Last = incident;
            foreach (var (minute, count) in incident.Minutes) Minutes[minute] = count;
            while (Minutes.Count > Counting.MinuteCounts.MostMinutes) Minutes.Remove(Minutes.First().Key);
        }

        public void Add(FindingEvent finding)
        {
            Findings.AddFirst(finding);
            if (Findings.Count > MostFindings) Findings.RemoveLast();
        }

        public StoredIncident? Whole() => Last is null ? null : Last with { Minutes = [.. Minutes.Select(m => new MinuteCount(m.Key, m.Value))] };
    }
}
