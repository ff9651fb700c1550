using System.Data.Common;
using System.Diagnostics;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>
/// A gateway's name in the store, which no other gateway that lives has: two that wrote the same incidents would count over each other. A gateway
/// that was killed leaves its name to the next one: at once on the same machine, where its process is seen to be gone, else after a while.
/// </summary>
internal sealed class GatewayLease(SqlDatabase database, TimeProvider clock)
{
    public static readonly TimeSpan Expires = TimeSpan.FromSeconds(60);

    private const int MostNames = 1000;

    private readonly string _instance = Guid.NewGuid().ToString("n");

    /// <summary>Empty until it is claimed.</summary>
    public string Name { get; private set; } = "";

    public async Task<string> ClaimAsync(string wanted, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await using var alone = await database.BeginClaimAsync(connection, cancellationToken);
        var now = clock.GetUtcNow();
        for (var n = 1; n <= MostNames; n++)
        {
            var name = n == 1 ? wanted : FormattableString.Invariant($"{wanted}-{n}");
            if (!await IsFreeAsync(connection, alone, name, now, cancellationToken)) continue;
            await connection.RunAsync(
                """
                INSERT INTO gateways (name, instance, host, process, started, seen) VALUES (@name, @instance, @host, @process, @started, @seen)
                ON CONFLICT (name) DO UPDATE SET instance = excluded.instance, host = excluded.host, process = excluded.process, started = excluded.started, seen = excluded.seen
                """, alone, cancellationToken,
                ("name", name), ("instance", _instance), ("host", Environment.MachineName), ("process", (long)Environment.ProcessId), ("started", OwnStart()), ("seen", now.UtcTicks));
            await alone.CommitAsync(cancellationToken);
            return Name = name;
        }

        throw new StoreException(StoreTrouble.Lasting, $"{database.Place}: too many gateways have the name {wanted}.");
    }

    public async Task BeatAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        await connection.RunAsync(
            "UPDATE gateways SET seen = @seen WHERE name = @name AND instance = @instance", null, cancellationToken,
            ("seen", clock.GetUtcNow().UtcTicks), ("name", Name), ("instance", _instance));
    }

    public async Task ReleaseAsync()
    {
        if (Name.Length == 0) return;
        try
        {
            await using var connection = await database.OpenAsync(CancellationToken.None);
            await connection.RunAsync("UPDATE gateways SET seen = 0 WHERE name = @name AND instance = @instance", null, CancellationToken.None, ("name", Name), ("instance", _instance));
        }
        catch (DbException)
        {
            // It then runs out by itself; the process's end is seen, or its time passes.
        }
    }

    private async Task<bool> IsFreeAsync(DbConnection connection, DbTransaction alone, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("SELECT instance, host, process, started, seen FROM gateways WHERE name = @name", alone, ("name", name));
        var rows = await command.ListAsync(
            r => (Instance: r.Text("instance"), Host: r.Text("host"), Process: (int)r.Number("process"), Started: r.Number("started"), Seen: r.Time("seen")), cancellationToken);
        if (rows is not [var holder] || holder.Instance == _instance || now - holder.Seen > Expires) return true;
        return holder.Host == Environment.MachineName && !IsRunning(holder.Process, holder.Started);
    }

    /// <summary>A number is given to another process one day; with its start it is one process's own.</summary>
    private static bool IsRunning(int id, long started)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return Math.Abs(StartOf(process) - started) < TimeSpan.TicksPerSecond;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static long OwnStart()
    {
        using var own = Process.GetCurrentProcess();
        return StartOf(own);
    }

    private static long StartOf(Process process) => process.StartTime.ToUniversalTime().Ticks;
}
