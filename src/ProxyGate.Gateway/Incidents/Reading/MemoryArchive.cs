using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>The archive of what memory has: the incidents tracked now and the last failures.</summary>
internal sealed class MemoryArchive(IncidentTracker incidents, RecentFailures failures, ChangeFeed feed) : IIncidentArchive
{
    private const int Shown = 5;

    public ArchiveStatus Status => new("memory", null, "", null, 0);

    public Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken) => Task.FromResult(Page(
        incidents.Snapshot().Where(i => Matches(i, filter)), filter.Limit, filter.Cursor, i => i.Id));

    public Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken)
    {
        if (incidents.Snapshot().FirstOrDefault(i => i.Id == id) is not { } incident) return Task.FromResult<IncidentWhole?>(null);
        var events = failures.Snapshot().Where(e => e.Incident == id).ToList();
        var entries = events.Select(Entry).ToList();
        return Task.FromResult<IncidentWhole?>(new IncidentWhole
        {
            Incident = incident,
            Minutes = Minutes(events),
            Outages = [new Outage(incident.FirstSeen, incident.RecoveredAt)],
            Paths = Affected(entries.Select(e => e.Path)),
            Clients = Affected(entries.Select(e => e.Client)),
            First = [.. entries.AsEnumerable().Reverse().Take(Shown)],
            Last = [.. entries.Take(Math.Min(Shown, Math.Max(0, entries.Count - Shown)))],
            Sample = events.FirstOrDefault(),
        });
    }

    public Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken) => Task.FromResult(Page(
        failures.Snapshot().Select(Entry).Where(e => Matches(e, filter)), filter.Limit, filter.Cursor, e => e.Id));

    public Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken) => Task.FromResult(
        failures.Snapshot().FirstOrDefault(e => e.Id == id) is { } found ? new FailureWhole(Entry(found), found) : null);

    public Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken)
    {
        var step = TimeSpan.FromMinutes(Math.Max(1, Math.Ceiling(query.Step.TotalMinutes)));
        IReadOnlyList<CauseSeries> series =
        [
            .. failures.Snapshot().Where(e => e.Time >= query.From && e.Time < query.To && Is(e.Request.Route, query.Route))
                .GroupBy(e => e.Diagnosis.Failure.Cause.Id)
                .Select(g => new CauseSeries(g.Key, Minutes(g, step))),
        ];
        return Task.FromResult(series);
    }

    public IAsyncEnumerable<ArchiveChange> WatchAsync(CancellationToken cancellationToken) => feed.WatchAsync(cancellationToken);

    private static FailureEntry Entry(FailureEvent e) => FailureEntries.Of(e, "");

    private static List<MinuteCount> Minutes(IEnumerable<FailureEvent> events, TimeSpan? step = null)
    {
        var ticks = (step ?? TimeSpan.FromMinutes(1)).Ticks;
        return [.. events.GroupBy(e => e.Time.UtcTicks / ticks).OrderBy(g => g.Key).Select(g => new MinuteCount(new DateTimeOffset(g.Key * ticks, TimeSpan.Zero), g.Sum(e => e.Occurrences)))];
    }

    private static Affected Affected(IEnumerable<string> names) =>
        new([.. names.GroupBy(n => n).Select(g => new CountedName(g.Key, g.Count())).OrderByDescending(n => n.Count).Take(20)], 0);

    private static bool Matches(Incident i, IncidentFilter f) =>
        (!f.OpenOnly || i.IsOpen) && Is(i.Gateway, f.Gateway) && Is(i.Route, f.Route) && Is(i.Destination, f.Destination) && Is(i.Cause, f.Cause)
        && (f.From is null || i.LastSeen >= f.From) && (f.To is null || i.FirstSeen < f.To);

    private static bool Matches(FailureEntry e, FailureFilter f) =>
        Is(e.Incident, f.Incident) && Is(e.Gateway, f.Gateway) && Is(e.Route, f.Route) && Is(e.Destination, f.Destination) && Is(e.Cause, f.Cause) && Is(e.Party, f.Party)
        && (f.Saved is null || e.Saved == f.Saved) && (f.From is null || e.Time >= f.From) && (f.To is null || e.Time < f.To)
        && (f.Text is not { Length: > 0 } text || Texts(e).Any(t => t?.Contains(text, StringComparison.OrdinalIgnoreCase) == true));

    private static string?[] Texts(FailureEntry e) => [e.Id, e.Incident, e.Cause, e.Route, e.Destination, e.Method, e.Host, e.Path, e.Client, e.Sentence];

    private static bool Is(string? value, string? wanted) => wanted is null || value == wanted;

    private static ArchivePage<T> Page<T>(IEnumerable<T> all, int limit, string? cursor, Func<T, string> id)
    {
        limit = Math.Clamp(limit, 1, ArchivePage.Largest);
        var items = all.ToList();
        var start = cursor is null ? 0 : items.FindIndex(i => id(i) == cursor) + 1;
        var page = items.Skip(start).Take(limit).ToList();
        return new ArchivePage<T>(page, start + page.Count < items.Count ? id(page[^1]) : null);
    }
}
