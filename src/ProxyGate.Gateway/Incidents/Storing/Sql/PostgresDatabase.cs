using System.Data.Common;
using Npgsql;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>A PostgreSQL server, for several gateways that share one view. The tables stand in a schema of their own, <c>proxygate</c> unless the connection string names another.</summary>
internal sealed class PostgresDatabase : SqlDatabase
{
    /// <summary>Only one gateway at a time creates tables or claims a name: "pxgt" in ASCII.</summary>
    private const long OneAtATime = 0x70786774;

    private readonly NpgsqlDataSource _source;
    private readonly string _schema;

    public PostgresDatabase(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (string.IsNullOrEmpty(settings.SearchPath)) settings.SearchPath = "proxygate";
        if (string.IsNullOrEmpty(settings.ApplicationName)) settings.ApplicationName = "proxygate";
        // Nothing waits for the store, but its errors should be known in time.
        if (!connectionString.Contains("Timeout", StringComparison.OrdinalIgnoreCase)) (settings.Timeout, settings.CommandTimeout) = (5, 15);
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, 8);
        _schema = settings.SearchPath.Split(',')[0].Trim();
        Place = FormattableString.Invariant($"{settings.Host}:{settings.Port}/{settings.Database ?? settings.Username}");
        _source = NpgsqlDataSource.Create(settings);
    }

    public override string Kind => "postgres";

    public override string Place { get; }

    public override string Like => "ILIKE";

    public override string PlaceOf(string bytes, string column) => $"position({bytes} in {column})";

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var step = await connection.BeginTransactionAsync(cancellationToken);
            await connection.RunAsync(FormattableString.Invariant($"SELECT pg_advisory_xact_lock({OneAtATime})"), step, cancellationToken);
            // Where somebody else made the schema, this user need not be allowed to.
            if (await connection.NumberAsync("SELECT count(*) FROM pg_namespace WHERE nspname = @name", step, cancellationToken, ("name", _schema)) == 0)
                await connection.RunAsync($"CREATE SCHEMA {Quoted(_schema)}", step, cancellationToken);
            await connection.RunAsync("CREATE TABLE IF NOT EXISTS version (version BIGINT NOT NULL)", step, cancellationToken);
            var version = await connection.NumberAsync("SELECT max(version) FROM version", step, cancellationToken);
            if (version > SqlSchema.Version) throw TooNew(Place, version);
            for (var next = version; next < SqlSchema.Version; next++) await connection.RunAsync(SqlSchema.Steps[(int)next], step, cancellationToken);
            if (version < SqlSchema.Version)
            {
                await connection.RunAsync("DELETE FROM version", step, cancellationToken);
                await connection.RunAsync("INSERT INTO version (version) VALUES (@version)", step, cancellationToken, ("version", (long)SqlSchema.Version));
            }

            await step.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (e is not StoreException and not OperationCanceledException)
        {
            throw Explain(e);
        }
    }

    public override async Task PrepareReadingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            if (await connection.NumberAsync("SELECT count(*) FROM pg_tables WHERE schemaname = @schema AND tablename = 'version'", null, cancellationToken, ("schema", _schema)) == 0)
                throw new StoreException(StoreTrouble.Lasting, $"{Place} holds no incidents.");
            var version = await connection.NumberAsync("SELECT max(version) FROM version", null, cancellationToken);
            if (version > SqlSchema.Version) throw TooNew(Place, version);
            if (version < SqlSchema.Version) throw new StoreException(StoreTrouble.Lasting, $"{Place} was made by an earlier version of ProxyGate; it is brought up to date when a gateway next starts.");
        }
        catch (Exception e) when (e is not StoreException and not OperationCanceledException)
        {
            throw Explain(e);
        }
    }

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken) => await _source.OpenConnectionAsync(cancellationToken);

    public override async Task<DbTransaction> BeginClaimAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.RunAsync(FormattableString.Invariant($"SELECT pg_advisory_xact_lock({OneAtATime})"), transaction, cancellationToken);
        return transaction;
    }

    /// <summary>What the rows hold; the server frees what was deleted in its own time.</summary>
    public override Task<long> SizeAsync(DbConnection connection, CancellationToken cancellationToken) => connection.NumberAsync(
        "SELECT (SELECT coalesce(sum(pg_column_size(f.*)), 0) FROM failures f) + (SELECT coalesce(sum(pg_column_size(i.*)), 0) FROM incidents i) + (SELECT coalesce(sum(pg_column_size(l.*)), 0) FROM looks l) + (SELECT coalesce(sum(bytes), 0) FROM folded)",
        null, cancellationToken);

    public override Task ShrinkAsync(DbConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;

    public override StoreException Explain(Exception e) => e switch
    {
        StoreException known => known,
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            new StoreException(StoreTrouble.Passing, $"{Place} refuses the user or the password.", e),
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } => new StoreException(StoreTrouble.Passing, $"{Place}: there is no such database.", e),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } p => new StoreException(StoreTrouble.Passing, $"{Place}: the user may not do that: {p.MessageText}.", e),
        PostgresException p => new StoreException(StoreTrouble.Passing, $"{Place}: {p.MessageText} ({p.SqlState}).", e),
        _ => new StoreException(StoreTrouble.Passing, $"{Place} cannot be reached: {(e.InnerException ?? e).Message}", e),
    };

    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
