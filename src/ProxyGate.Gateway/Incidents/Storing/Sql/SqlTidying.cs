using System.Data.Common;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>
/// Keeps the store to its age and size. Samples go before incidents, old ones before new ones, and the first of an incident only with it. Several
/// gateways may do so at once; what one has deleted the other does not find.
/// </summary>
internal sealed class SqlTidying(SqlDatabase database, TimeProvider clock)
{
    /// <summary>Of one incident; what is between its first and its newest is then thinned to every second, again and again.</summary>
    private const int MostOfOne = 2000;

    /// <summary>Which failures a line stands for is worth an eighth of the room.</summary>
    private const int FoldedShare = 8;

    private const int MostRounds = 20;

    /// <summary>An incident of a gateway that is gone is not open for ever.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromHours(24);

    public async Task TidyAsync(TimeSpan maxAge, long maxBytes, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var freed = await TooOldAsync(connection, (now - maxAge).UtcTicks, cancellationToken) + await ThinAsync(connection, cancellationToken)
            + await FoldedTooMuchAsync(connection, maxBytes / FoldedShare, cancellationToken);
        await connection.RunAsync(
            "UPDATE incidents SET status = 2, changed = @now WHERE status = 0 AND last_seen < @old AND gateway NOT IN (SELECT name FROM gateways WHERE seen >= @alive)", null, cancellationToken,
            ("now", now.UtcTicks), ("old", (now - Abandoned).UtcTicks), ("alive", (now - GatewayLease.Expires).UtcTicks));
        await connection.RunAsync("DELETE FROM gateways WHERE seen < @old", null, cancellationToken, ("old", (now - maxAge).UtcTicks));
        for (var round = 0; round < MostRounds && await database.SizeAsync(connection, cancellationToken) > maxBytes; round++)
        {
            var gone = await OldestAsync(connection, cancellationToken);
            if (gone == 0) break;
            freed += gone;
        }

        if (freed > 0) await database.ShrinkAsync(connection, cancellationToken);
    }

    private static async Task<long> TooOldAsync(DbConnection connection, long before, CancellationToken cancellationToken)
    {
        const string Old = "(SELECT id FROM incidents WHERE status <> 0 AND last_seen < @before)";
        await using var all = await connection.BeginTransactionAsync(cancellationToken);
        var gone = (long)await connection.RunAsync("DELETE FROM failures WHERE time < @before AND (is_first = 0 OR incident NOT IN (SELECT id FROM incidents WHERE status = 0 OR last_seen >= @before))", all, cancellationToken, ("before", before));
        await connection.RunAsync($"DELETE FROM findings WHERE incident IN {Old}", all, cancellationToken, ("before", before));
        gone += await connection.RunAsync($"DELETE FROM folded WHERE incident IN {Old} OR time < @before", all, cancellationToken, ("before", before));
        await connection.RunAsync($"DELETE FROM minutes WHERE incident IN {Old} OR minute < @before", all, cancellationToken, ("before", before));
        gone += await connection.RunAsync("DELETE FROM incidents WHERE status <> 0 AND last_seen < @before", all, cancellationToken, ("before", before));
        gone += await connection.RunAsync("DELETE FROM outbox WHERE time < @before", all, cancellationToken, ("before", before));
        gone += await connection.RunAsync("DELETE FROM looks WHERE time < @before", all, cancellationToken, ("before", before));
        await all.CommitAsync(cancellationToken);
        return gone;
    }

    private static async Task<long> ThinAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.Command(FormattableString.Invariant($"SELECT incident FROM failures GROUP BY incident HAVING count(*) > {MostOfOne}"));
        var gone = 0L;
        foreach (var incident in await command.ListAsync(r => r.Text("incident"), cancellationToken))
        {
            gone += await connection.RunAsync(
                FormattableString.Invariant($"""
                DELETE FROM failures WHERE incident = @incident AND (id, time) IN (
                  SELECT id, time FROM (SELECT id, time, is_first, row_number() OVER (ORDER BY time DESC) AS place FROM failures WHERE incident = @incident) ranked
                  WHERE place > {MostOfOne / 2} AND place % 2 = 0 AND is_first = 0)
                """), null, cancellationToken, ("incident", incident));
        }

        return gone;
    }

    /// <summary>The oldest, until the newest are few enough.</summary>
    private static async Task<long> FoldedTooMuchAsync(DbConnection connection, long maxBytes, CancellationToken cancellationToken) =>
        await connection.NumberAsync("SELECT sum(bytes) FROM folded", null, cancellationToken) <= maxBytes ? 0 : await connection.RunAsync(
        "DELETE FROM folded WHERE (failure, time) IN (SELECT failure, time FROM (SELECT failure, time, sum(bytes) OVER (ORDER BY time DESC, failure) AS sofar FROM folded) newest WHERE sofar > @most)",
        null, cancellationToken, ("most", maxBytes));

    /// <summary>A tenth of what is oldest: of the samples while there are any but first ones, then of the closed incidents.</summary>
    private static async Task<long> OldestAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var all = await connection.BeginTransactionAsync(cancellationToken);
        var samples = await connection.NumberAsync("SELECT count(*) FROM failures WHERE is_first = 0", all, cancellationToken);
        long gone;
        if (samples > 0)
        {
            gone = await connection.RunAsync(
                FormattableString.Invariant($"DELETE FROM failures WHERE (id, time) IN (SELECT id, time FROM failures WHERE is_first = 0 ORDER BY time LIMIT {(samples / 10) + 1})"), all, cancellationToken);
        }
        else
        {
            var closed = await connection.NumberAsync("SELECT count(*) FROM incidents WHERE status <> 0", all, cancellationToken);
            if (closed == 0) return 0;
            var oldest = FormattableString.Invariant($"(SELECT id FROM incidents WHERE status <> 0 ORDER BY last_seen LIMIT {(closed / 10) + 1})");
            await connection.RunAsync($"DELETE FROM failures WHERE incident IN {oldest}", all, cancellationToken);
            await connection.RunAsync($"DELETE FROM findings WHERE incident IN {oldest}", all, cancellationToken);
            await connection.RunAsync($"DELETE FROM folded WHERE incident IN {oldest}", all, cancellationToken);
            await connection.RunAsync($"DELETE FROM minutes WHERE incident IN {oldest}", all, cancellationToken);
            gone = await connection.RunAsync($"DELETE FROM incidents WHERE id IN {oldest}", all, cancellationToken);
        }

        await connection.RunAsync("DELETE FROM looks WHERE id NOT IN (SELECT look FROM failures WHERE look IS NOT NULL) AND id NOT IN (SELECT look FROM findings)", all, cancellationToken);
        await all.CommitAsync(cancellationToken);
        return gone;
    }
}
