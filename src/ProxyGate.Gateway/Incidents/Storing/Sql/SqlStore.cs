using System.Data.Common;
using System.Text.Json;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>Incidents and samples in a database. One writer; readers at any time.</summary>
internal sealed class SqlStore : IDurableStore
{
    /// <summary>So many of an incident's first failures stay as long as the incident.</summary>
    private const int FirstKept = 5;

    private const string UpsertIncident = """
        INSERT INTO incidents (id, gateway, route, cluster, destination, cause, status, first_seen, last_seen, count, saved, last_success, recovered_at, downtime, flaps,
          worsened_at, sentence, hint, blames, reached_app, outages, paths, clients, changed)
        VALUES (@id, @gateway, @route, @cluster, @destination, @cause, @status, @first_seen, @last_seen, @count, @saved, @last_success, @recovered_at, @downtime, @flaps,
          @worsened_at, @sentence, @hint, @blames, @reached_app, @outages, @paths, @clients, @changed)
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count,
          saved = excluded.saved, last_success = excluded.last_success, recovered_at = excluded.recovered_at, downtime = excluded.downtime, flaps = excluded.flaps,
          worsened_at = excluded.worsened_at, sentence = excluded.sentence, hint = excluded.hint, outages = excluded.outages, paths = excluded.paths,
          clients = excluded.clients, changed = excluded.changed
        WHERE incidents.gateway = excluded.gateway
        """;

    private const string UpsertMinute =
        "INSERT INTO minutes (incident, minute, count) VALUES (@incident, @minute, @count) ON CONFLICT (incident, minute) DO UPDATE SET count = excluded.count";

    private const string InsertFailure = """
        INSERT INTO failures (id, time, incident, gateway, route, cluster, destination, cause, stage, party, status, saved, occurrences, method, host, path, client, duration,
          sentence, hint, is_first, facts, look)
        VALUES (@id, @time, @incident, @gateway, @route, @cluster, @destination, @cause, @stage, @party, @status, @saved, @occurrences, @method, @host, @path, @client, @duration,
          @sentence, @hint, @is_first, @facts, @look)
        ON CONFLICT (id, time) DO NOTHING
        """;

    private const string InsertLook = "INSERT INTO looks (id, time, facts) VALUES (@id, @time, @facts) ON CONFLICT (id) DO NOTHING";

    private const string InsertFinding =
        "INSERT INTO findings (incident, time, failure, look, facts) VALUES (@incident, @time, @failure, @look, @facts) ON CONFLICT (incident, time) DO NOTHING";

    /// <summary>The bytes of a row beside the ids, about.</summary>
    private const int FoldedRow = 100;

    private const string InsertFolded =
        "INSERT INTO folded (failure, time, incident, count, bytes, ids) VALUES (@failure, @time, @incident, @count, @bytes, @ids) ON CONFLICT (failure, time) DO NOTHING";

    private readonly TimeProvider _clock;
    private readonly SqlReads _reads;
    private readonly SqlTidying _tidying;
    private readonly GatewayLease _lease;
    private readonly SqlOutbox _outbox;
    private readonly Queue<string> _lately = new();

    public SqlStore(SqlDatabase database, TimeProvider clock)
    {
        (Database, _clock, _reads, _tidying, _lease) = (database, clock, new SqlReads(database), new SqlTidying(database, clock), new GatewayLease(database, clock));
        _outbox = new SqlOutbox(database, _lease, clock);
    }

    public string Kind => Database.Kind;

    public string? Place => Database.Place;

    public SqlDatabase Database { get; }

    /// <summary>Makes it usable.</summary>
    /// <exception cref="StoreException">Why it is not.</exception>
    public Task PrepareAsync(CancellationToken cancellationToken) => Database.PrepareAsync(cancellationToken);

    public async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            if (!Database.IsThere) throw new StoreException(StoreTrouble.Damaged, $"{Database.Place} was removed.");
            await using var connection = await Database.OpenAsync(cancellationToken);
            await using var all = await connection.BeginTransactionAsync(cancellationToken);
            await WriteAsync(batch.Incidents, connection, all, cancellationToken);
            var looks = new Dictionary<string, InvestigationFacts>();
            await WriteAsync(batch.Failures, looks, connection, all, cancellationToken);
            await WriteAsync(batch.Findings, looks, connection, all, cancellationToken);
            foreach (var (id, look) in looks.Where(l => !_lately.Contains(l.Key)))
                await connection.RunAsync(InsertLook, all, cancellationToken, ("id", id), ("time", look.At.UtcTicks), ("facts", StoredFacts.Write(look)));
            await WriteAsync(batch.Folded, connection, all, cancellationToken);
            await _outbox.WriteAsync(batch.Outbox, connection, all, cancellationToken);
            await all.CommitAsync(cancellationToken);
            Remember(looks.Keys);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Database.Explain(e);
        }
    }

    public Task<string> ClaimAsync(string name, CancellationToken cancellationToken) => Explained(() => _lease.ClaimAsync(name, cancellationToken));

    public Task BeatAsync(CancellationToken cancellationToken) => Explained(async () => await _lease.BeatAsync(cancellationToken));

    public Task<IReadOnlyList<StoredIncident>> LoadAsync(DateTimeOffset recoveredSince, CancellationToken cancellationToken) =>
        Explained(() => _reads.LoadAsync(_lease.Name, recoveredSince, cancellationToken));

    public Task<IReadOnlyList<WebhookMessage>> AdoptAsync(IReadOnlyList<string> webhooks, CancellationToken cancellationToken) => Explained(() => _outbox.AdoptAsync(webhooks, cancellationToken));

    public Task<IReadOnlyList<Incident>> ChangedElsewhereAsync(DateTimeOffset since, CancellationToken cancellationToken) =>
        Explained(() => _reads.ChangedElsewhereAsync(_lease.Name, since, cancellationToken));

    public Task TidyAsync(TimeSpan maxAge, long maxBytes, CancellationToken cancellationToken) =>
        Explained(async () => await _tidying.TidyAsync(maxAge, maxBytes, cancellationToken));

    public Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken) => Explained(() => _reads.IncidentsAsync(filter, cancellationToken));

    public Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken) => Explained(() => _reads.IncidentAsync(id, cancellationToken));

    public Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken) => Explained(() => _reads.FailuresAsync(filter, cancellationToken));

    public Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken) => Explained(() => _reads.FailureAsync(id, cancellationToken));

    public Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken) => Explained(() => _reads.CountsAsync(query, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await _lease.ReleaseAsync();
        await Database.DisposeAsync();
    }

    private async Task WriteAsync(IReadOnlyList<StoredIncident> incidents, DbConnection connection, DbTransaction all, CancellationToken cancellationToken)
    {
        await using var upsert = connection.Command(UpsertIncident, all);
        await using var minutes = connection.Command(UpsertMinute, all);
        foreach (var stored in incidents)
        {
            var i = stored.Incident;
            upsert.With("id", i.Id).With("gateway", i.Gateway).With("route", i.Route).With("cluster", i.Cluster).With("destination", i.Destination).With("cause", i.Cause)
                .With("status", (long)i.Status).With("first_seen", i.FirstSeen.UtcTicks).With("last_seen", i.LastSeen.UtcTicks).With("count", i.Count).With("saved", i.Saved)
                .With("last_success", i.LastSuccess?.UtcTicks).With("recovered_at", i.RecoveredAt?.UtcTicks).With("downtime", i.Downtime.Ticks).With("flaps", (long)i.Flaps)
                .With("worsened_at", i.WorsenedAt?.UtcTicks).With("sentence", i.Sentence).With("hint", i.Hint).With("blames", stored.Blames ? 1L : 0L)
                .With("reached_app", stored.ReachedApp ? 1L : 0L).With("outages", JsonSerializer.Serialize(stored.Outages, StoredJson.Default.IReadOnlyListOutage))
                .With("paths", JsonSerializer.Serialize(stored.Paths, StoredJson.Default.Affected)).With("clients", JsonSerializer.Serialize(stored.Clients, StoredJson.Default.Affected))
                .With("changed", _clock.GetUtcNow().UtcTicks);
            await upsert.ExecuteNonQueryAsync(cancellationToken);
            foreach (var minute in stored.Minutes)
                await minutes.With("incident", i.Id).With("minute", minute.Minute.UtcTicks).With("count", minute.Count).ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task WriteAsync(
        IReadOnlyList<FailureEvent> failures, Dictionary<string, InvestigationFacts> looks, DbConnection connection, DbTransaction all, CancellationToken cancellationToken)
    {
        await using var insert = connection.Command(InsertFailure, all);
        foreach (var failure in failures)
        {
            var e = FailureEntries.Of(failure, _lease.Name);
            await insert.With("id", e.Id).With("time", e.Time.UtcTicks).With("incident", e.Incident).With("gateway", e.Gateway).With("route", e.Route).With("cluster", e.Cluster)
                .With("destination", e.Destination).With("cause", e.Cause).With("stage", e.Stage).With("party", e.Party).With("status", (long)e.Status)
                .With("saved", e.Saved ? 1L : 0L).With("occurrences", e.Occurrences).With("method", e.Method).With("host", e.Host).With("path", e.Path).With("client", e.Client)
                .With("duration", double.IsFinite(e.DurationMs) ? e.DurationMs : 0).With("sentence", e.Sentence).With("hint", e.Hint)
                .With("is_first", failure.Diagnosis.Context is { Count: <= FirstKept } ? 1L : 0L).With("facts", StoredFacts.Write(failure))
                .With("look", Look(failure.Diagnosis.Investigation, looks)).ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task WriteAsync(
        IReadOnlyList<KeptFinding> findings, Dictionary<string, InvestigationFacts> looks, DbConnection connection, DbTransaction all, CancellationToken cancellationToken)
    {
        foreach (var (finding, failure) in findings)
        {
            await connection.RunAsync(InsertFinding, all, cancellationToken,
                ("incident", finding.Incident), ("time", finding.Time.UtcTicks), ("failure", finding.FailureId), ("look", Look(finding.Diagnosis.Investigation, looks)), ("facts", StoredFacts.Write(failure)));
        }
    }

    private static async Task WriteAsync(IReadOnlyList<FoldedFailures> folded, DbConnection connection, DbTransaction all, CancellationToken cancellationToken)
    {
        await using var insert = connection.Command(InsertFolded, all);
        foreach (var note in folded)
        {
            await insert.With("failure", note.Line).With("time", note.Time.UtcTicks).With("incident", note.Incident).With("count", note.Count)
                .With("bytes", (long)note.Ids.Length + FoldedRow).With("ids", note.Ids).ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static string? Look(InvestigationFacts? look, Dictionary<string, InvestigationFacts> looks)
    {
        if (look is null) return null;
        var id = FormattableString.Invariant($"{look.At.UtcTicks:x}-{look.Destination}-{look.Address}");
        looks.TryAdd(id, look);
        return id;
    }

    /// <summary>A look is told with many failures; the last few need not be written out again to find that they are there.</summary>
    private void Remember(IEnumerable<string> looks)
    {
        foreach (var look in looks.Where(l => !_lately.Contains(l)).ToList()) _lately.Enqueue(look);
        while (_lately.Count > 100) _lately.Dequeue();
    }

    private async Task<T> Explained<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw Database.Explain(e);
        }
    }

    private async Task Explained(Func<Task> act) => await Explained(async () =>
    {
        await act();
        return true;
    });
}
