using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Counting;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>The questions asked of the store. Each opens a connection of its own; pages go on behind the last row's place in the order.</summary>
internal sealed class SqlReads(SqlDatabase database)
{
    private const int Shown = 5;
    private const int ShownBetween = 10;
    private const int ShownFindings = 10;

    private const string EntryColumns =
        "id, time, incident, gateway, route, cluster, destination, cause, stage, party, status, saved, occurrences, method, host, path, client, duration, sentence, hint";

    public async Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken)
    {
        var where = new SqlWhere()
            .Is("gateway", filter.Gateway).Is("route", filter.Route).Is("destination", filter.Destination).Is("cause", filter.Cause)
            .If(filter.OpenOnly, "status = 0")
            .Compare("last_seen >= @from", "from", filter.From?.UtcTicks).Compare("first_seen < @to", "to", filter.To?.UtcTicks);
        if (Cursor(filter.Cursor) is [var open, var last, var id] && long.TryParse(open, CultureInfo.InvariantCulture, out var isOpen) && long.TryParse(last, CultureInfo.InvariantCulture, out var ticks))
        {
            where.Compare("((CASE WHEN status = 0 THEN 1 ELSE 0 END) < @c0 OR ((CASE WHEN status = 0 THEN 1 ELSE 0 END) = @c0 AND (last_seen < @c1 OR (last_seen = @c1 AND id > @c2))))", "c0", isOpen)
                .Parameter("c1", ticks).Parameter("c2", id);
        }

        return await PageAsync(
            $"SELECT * FROM incidents{where.Text} ORDER BY CASE WHEN status = 0 THEN 1 ELSE 0 END DESC, last_seen DESC, id", where, filter.Limit, ReadIncident,
            i => FormattableString.Invariant($"{(i.IsOpen ? 1 : 0)}:{i.LastSeen.UtcTicks}:{i.Id}"), cancellationToken);
    }

    public async Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await StoredAsync(connection, id, cancellationToken) is not { } stored) return null;
        var kept = await connection.NumberAsync("SELECT count(*) FROM failures WHERE incident = @id", null, cancellationToken, ("id", id));
        var first = await EntriesAsync($"SELECT {EntryColumns} FROM failures WHERE incident = @id ORDER BY time, id LIMIT {Shown}");
        var last = await EntriesAsync($"SELECT {EntryColumns} FROM failures WHERE incident = @id ORDER BY time DESC, id DESC LIMIT {Math.Min(Shown, Math.Max(0, kept - Shown))}");
        var between = kept <= 2 * Shown ? [] : await EntriesAsync($"""
            SELECT {EntryColumns} FROM (SELECT f.*, row_number() OVER (ORDER BY time, id) AS place FROM failures f WHERE incident = @id) ranked
            WHERE place > {Shown} AND place <= {kept - Shown} AND (place - {Shown}) % {Math.Max(1, (kept - (2 * Shown)) / ShownBetween)} = 0 ORDER BY place LIMIT {ShownBetween}
            """);
        return new IncidentWhole
        {
            Incident = stored.Incident,
            Minutes = stored.Minutes,
            Outages = stored.Outages,
            Paths = stored.Paths,
            Clients = stored.Clients,
            First = first,
            Between = between,
            Last = last,
            Sample = await SampleAsync(connection, stored.Incident, cancellationToken),
            Findings = await FindingsAsync(connection, id, cancellationToken),
            NotKept = Math.Max(0, stored.Incident.Count - kept),
        };

        async Task<List<FailureEntry>> EntriesAsync(string text)
        {
            await using var command = connection.Command(text, null, ("id", id));
            return await command.ListAsync(ReadEntry, cancellationToken);
        }
    }

    public async Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken)
    {
        var where = new SqlWhere()
            .Is("incident", filter.Incident).Is("gateway", filter.Gateway).Is("route", filter.Route).Is("destination", filter.Destination).Is("cause", filter.Cause)
            .Is("party", filter.Party).Compare("saved = @saved", "saved", filter.Saved is { } saved ? saved ? 1L : 0L : null)
            .Compare("time >= @from", "from", filter.From?.UtcTicks).Compare("time < @to", "to", filter.To?.UtcTicks);
        if (filter.Text is { Length: > 0 } text)
        {
            string[] columns = ["id", "incident", "cause", "route", "destination", "method", "host", "path", "client", "sentence"];
            where.Compare($"({string.Join(" OR ", columns.Select(c => $@"{c} {database.Like} @text ESCAPE '\'"))})", "text", $"%{Escaped(text)}%");
        }

        if (Cursor(filter.Cursor) is [var time, var id] && long.TryParse(time, CultureInfo.InvariantCulture, out var ticks))
            where.Compare("(time < @c0 OR (time = @c0 AND id < @c1))", "c0", ticks).Parameter("c1", id);
        return await PageAsync(
            $"SELECT {EntryColumns} FROM failures{where.Text} ORDER BY time DESC, id DESC", where, filter.Limit, ReadEntry,
            e => FormattableString.Invariant($"{e.Time.UtcTicks}:{e.Id}"), cancellationToken);
    }

    public async Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await WholeAsync(connection, id, cancellationToken) ?? await FoldedAsync(connection, id, cancellationToken);
    }

    public async Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken)
    {
        var where = new SqlWhere()
            .Compare("m.minute >= @from", "from", query.From.UtcTicks).Compare("m.minute < @to", "to", query.To.UtcTicks)
            .Is("i.route", query.Route).Is("i.destination", query.Destination).Is("i.gateway", query.Gateway);
        var step = Matching.StepOf(query).Ticks;
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = where.Fill(connection.Command(
            $"SELECT i.cause AS cause, m.minute / {step} AS step, CAST(sum(m.count) AS BIGINT) AS count FROM minutes m JOIN incidents i ON i.id = m.incident{where.Text} GROUP BY i.cause, m.minute / {step} ORDER BY 1, 2"));
        var rows = await command.ListAsync(r => (Cause: r.Text("cause"), Point: new MinuteCount(new DateTimeOffset(r.Number("step") * step, TimeSpan.Zero), r.Number("count"))), cancellationToken);
        return [.. rows.GroupBy(r => r.Cause).Select(g => new CauseSeries(g.Key, [.. g.Select(r => r.Point)]))];
    }

    public async Task<IReadOnlyList<StoredIncident>> LoadAsync(string gateway, DateTimeOffset recoveredSince, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            $"SELECT id FROM incidents WHERE gateway = @gateway AND (status = 0 OR (status = 1 AND recovered_at >= @since)) ORDER BY last_seen DESC LIMIT {IncidentTracker.MaxIncidents}", null,
            ("gateway", gateway), ("since", recoveredSince.UtcTicks));
        var loaded = new List<StoredIncident>();
        foreach (var id in await command.ListAsync(r => r.Text("id"), cancellationToken))
        {
            if (await StoredAsync(connection, id, cancellationToken) is { } stored) loaded.Add(stored);
        }

        return loaded;
    }

    public async Task<IReadOnlyList<Incident>> ChangedElsewhereAsync(string gateway, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = connection.Command(
            $"SELECT * FROM incidents WHERE changed > @since AND gateway <> @gateway ORDER BY changed LIMIT {ArchivePage.Largest}", null, ("since", since.UtcTicks), ("gateway", gateway));
        return await command.ListAsync(ReadIncident, cancellationToken);
    }

    private async Task<ArchivePage<T>> PageAsync<T>(string text, SqlWhere where, int limit, Func<DbDataReader, T> read, Func<T, string> cursor, CancellationToken cancellationToken)
    {
        limit = Math.Clamp(limit, 1, ArchivePage.Largest);
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var command = where.Fill(connection.Command(FormattableString.Invariant($"{text} LIMIT {limit + 1}")));
        var rows = await command.ListAsync(read, cancellationToken);
        if (rows.Count <= limit) return new ArchivePage<T>(rows, null);
        rows.RemoveAt(limit);
        return new ArchivePage<T>(rows, cursor(rows[^1]));
    }

    private static async Task<StoredIncident?> StoredAsync(DbConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var one = connection.Command("SELECT * FROM incidents WHERE id = @id", null, ("id", id));
        if ((await one.ListAsync(ReadStored, cancellationToken)).FirstOrDefault() is not { } stored) return null;
        await using var minutes = connection.Command($"SELECT minute, count FROM minutes WHERE incident = @id ORDER BY minute DESC LIMIT {Counting.MinuteCounts.MostMinutes}", null, ("id", id));
        var all = await minutes.ListAsync(r => new MinuteCount(r.Time("minute"), r.Number("count")), cancellationToken);
        all.Reverse();
        return stored with { Minutes = all };
    }

    private static async Task<FailureWhole?> WholeAsync(DbConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"SELECT {string.Join(", ", EntryColumns.Split(", ").Select(c => "f." + c))}, f.facts AS facts, l.facts AS look FROM failures f LEFT JOIN looks l ON l.id = f.look WHERE f.id = @id ORDER BY f.time DESC LIMIT 1", null, ("id", id));
        return (await command.ListAsync(r => (Entry: ReadEntry(r), Facts: r.TextOrNull("facts"), Look: r.TextOrNull("look")), cancellationToken)) is [var found]
            ? new FailureWhole(found.Entry, StoredFacts.Read(found.Facts, found.Entry, StoredFacts.ReadLook(found.Look)))
            : null;
    }

    /// <summary>The newest that failed itself, rather than one that an open circuit turned away.</summary>
    private static async Task<FailureEvent?> SampleAsync(DbConnection connection, Incident incident, CancellationToken cancellationToken)
    {
        await using var newest = connection.Command(
            "SELECT id FROM failures WHERE incident = @incident ORDER BY CASE WHEN cause = @cause THEN 0 ELSE 1 END, time DESC, id DESC LIMIT 1", null, ("incident", incident.Id), ("cause", incident.Cause));
        return await newest.ListAsync(r => r.Text("id"), cancellationToken) is [var id] ? (await WholeAsync(connection, id, cancellationToken))?.Event : null;
    }

    /// <summary>One that has no line of its own: the line that stands for it, or what is left of the same incident nearest to it.</summary>
    private async Task<FailureWhole?> FoldedAsync(DbConnection connection, string id, CancellationToken cancellationToken)
    {
        if (FoldedIds.BytesOf(id) is not { } bytes) return null;
        await using var notes = connection.Command($"SELECT failure, time, incident, count, ids FROM folded WHERE {database.PlaceOf("@id", "ids")} > 0 ORDER BY time DESC", null, ("id", bytes));
        var found = await notes.ListAsync(r => new FoldedFailures(r.Text("incident"), r.Text("failure"), r.Time("time"), r.Number("count"), (byte[])r["ids"]), cancellationToken);
        if (found.Find(n => FoldedIds.Contain(n.Ids, bytes)) is not { } folded) return null;
        await using var nearest = connection.Command(
            "SELECT id FROM failures WHERE incident = @incident ORDER BY CASE WHEN id = @line THEN 0 ELSE 1 END, abs(time - @time) LIMIT 1", null,
            ("incident", folded.Incident), ("line", folded.Line), ("time", folded.Time.UtcTicks));
        return await nearest.ListAsync(r => r.Text("id"), cancellationToken) is [var shown] && await WholeAsync(connection, shown, cancellationToken) is { } whole
            ? whole with { Folded = FoldedInto.Of(folded, id) }
            : null;
    }

    private static async Task<IReadOnlyList<FindingEvent>> FindingsAsync(DbConnection connection, string incident, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(
            $"SELECT f.time AS time, f.failure AS failure, f.facts AS facts, l.facts AS look FROM findings f JOIN looks l ON l.id = f.look WHERE f.incident = @incident ORDER BY f.time DESC LIMIT {ShownFindings}", null, ("incident", incident));
        var rows = await command.ListAsync(
            r => StoredFacts.ReadFinding(r.TextOrNull("facts"), StoredFacts.ReadLook(r.TextOrNull("look")), incident, r.Text("failure"), r.Time("time")), cancellationToken);
        return [.. rows.OfType<FindingEvent>()];
    }

    private static StoredIncident ReadStored(DbDataReader r) => new()
    {
        Incident = ReadIncident(r),
        Blames = r.Number("blames") != 0,
        ReachedApp = r.Number("reached_app") != 0,
        Outages = JsonSerializer.Deserialize(r.Text("outages"), StoredJson.Default.OutageArray) ?? [],
        Paths = JsonSerializer.Deserialize(r.Text("paths"), StoredJson.Default.Affected) ?? Affected.None,
        Clients = JsonSerializer.Deserialize(r.Text("clients"), StoredJson.Default.Affected) ?? Affected.None,
    };

    private static Incident ReadIncident(DbDataReader r) => new()
    {
        Id = r.Text("id"),
        Gateway = r.Text("gateway"),
        Route = r.TextOrNull("route"),
        Cluster = r.TextOrNull("cluster"),
        Destination = r.TextOrNull("destination"),
        Cause = r.Text("cause"),
        Status = (IncidentStatus)r.Number("status"),
        FirstSeen = r.Time("first_seen"),
        LastSeen = r.Time("last_seen"),
        Count = r.Number("count"),
        Saved = r.Number("saved"),
        LastSuccess = r.TimeOrNull("last_success"),
        RecoveredAt = r.TimeOrNull("recovered_at"),
        Downtime = TimeSpan.FromTicks(r.Number("downtime")),
        Flaps = (int)r.Number("flaps"),
        WorsenedAt = r.TimeOrNull("worsened_at"),
        Sentence = r.TextOrNull("sentence"),
        Hint = r.TextOrNull("hint"),
    };

    private static FailureEntry ReadEntry(DbDataReader r) => new()
    {
        Id = r.Text("id"),
        Time = r.Time("time"),
        Incident = r.Text("incident"),
        Gateway = r.Text("gateway"),
        Route = r.TextOrNull("route"),
        Cluster = r.TextOrNull("cluster"),
        Destination = r.TextOrNull("destination"),
        Cause = r.Text("cause"),
        Stage = r.Text("stage"),
        Party = r.Text("party"),
        Status = (int)r.Number("status"),
        Saved = r.Number("saved") != 0,
        Occurrences = r.Number("occurrences"),
        Method = r.Text("method"),
        Host = r.Text("host"),
        Path = r.Text("path"),
        Client = r.Text("client"),
        DurationMs = (double)r["duration"],
        Sentence = r.Text("sentence"),
        Hint = r.TextOrNull("hint"),
    };

    private static string[] Cursor(string? cursor) => cursor?.Split(':') ?? [];

    private static string Escaped(string text) => text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
}
