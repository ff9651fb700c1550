using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace ProxyGate.Gateway.Incidents.Storing.Sql;

/// <summary>A file. Written ahead to a log (WAL), so that readers and writers, also of other processes, are in nobody's way and a kill costs nothing.</summary>
internal sealed class SqliteDatabase(string file, bool readOnly = false) : SqlDatabase
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    private string _connection = To(file, readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate);

    public override string Kind => "sqlite";

    public override string Place => file;

    public override string Like => "LIKE";

    public override string PlaceOf(string bytes, string column) => $"instr({column}, {bytes})";

    public override bool IsThere => File.Exists(file);

    public override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            CreateFile();
            await using var connection = await OpenAsync(cancellationToken);
            // Only a file without tables can take the first of these; the second stays with the file.
            await connection.RunAsync("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;", null, cancellationToken);
            await using var check = connection.Command("PRAGMA quick_check(1)");
            if (await check.ExecuteScalarAsync(cancellationToken) is not "ok") throw new StoreException(StoreTrouble.Damaged, $"{file} is damaged.");
            await using var step = (SqliteTransaction)await connection.BeginTransactionAsync(cancellationToken);
            var version = await VersionAsync(connection, step, cancellationToken);
            if (version > SqlSchema.Version) throw TooNew(file, version);
            for (var next = version; next < SqlSchema.Version; next++) await connection.RunAsync(SqlSchema.Steps[(int)next], step, cancellationToken);
            if (version < SqlSchema.Version) await connection.RunAsync(FormattableString.Invariant($"PRAGMA user_version = {SqlSchema.Version}"), step, cancellationToken);
            await step.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Explain(e);
        }
    }

    public override async Task PrepareReadingAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = await ReadVersionAsync(cancellationToken);
            if (version > SqlSchema.Version) throw TooNew(file, version);
            if (version < SqlSchema.Version)
                throw new StoreException(StoreTrouble.Lasting, version == 0 ? $"{file} holds no incidents." : $"{file} was made by an earlier version of ProxyGate; it is brought up to date when the gateway next starts.");
        }
        catch (SqliteException e)
        {
            throw Explain(e);
        }
    }

    public override async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            await connection.OpenAsync(cancellationToken);
            // What was committed survives the end of the process; only the end of the machine may cost the last moments, never the file.
            await connection.RunAsync("PRAGMA synchronous = NORMAL", null, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override async Task<DbTransaction> BeginClaimAsync(DbConnection connection, CancellationToken cancellationToken) =>
        // Begins as a writer, of which there is one at a time.
        await connection.BeginTransactionAsync(cancellationToken);

    public override async Task<long> SizeAsync(DbConnection connection, CancellationToken cancellationToken) =>
        (await connection.NumberAsync("PRAGMA page_count", null, cancellationToken) - await connection.NumberAsync("PRAGMA freelist_count", null, cancellationToken))
        * await connection.NumberAsync("PRAGMA page_size", null, cancellationToken);

    public override async Task ShrinkAsync(DbConnection connection, CancellationToken cancellationToken) =>
        await connection.RunAsync("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);", null, cancellationToken);

    public override StoreException Explain(Exception e) => e switch
    {
        StoreException known => known,
        _ when Directory.Exists(file) => new StoreException(StoreTrouble.Lasting, $"{file} is a folder; give the file in it.", e),
        SqliteException { SqliteErrorCode: Corrupt or NotADatabase } => new StoreException(StoreTrouble.Damaged, $"{file} is damaged.", e),
        SqliteException { SqliteErrorCode: Full } => new StoreException(StoreTrouble.Passing, $"The disk of {file} is full.", e),
        SqliteException { SqliteErrorCode: Busy or Locked } => new StoreException(StoreTrouble.Passing, $"{file} is locked by another process.", e),
        SqliteException { SqliteErrorCode: IoError } => new StoreException(StoreTrouble.Passing, $"{file} cannot be {(readOnly ? "read" : "written")}: {e.Message}", e),
        SqliteException { SqliteErrorCode: ReadOnly } => new StoreException(StoreTrouble.Lasting, $"{file} cannot be written: it, or its folder, is read-only for this user.", e),
        SqliteException { SqliteErrorCode: CannotOpen } when readOnly && !File.Exists(file) => new StoreException(StoreTrouble.Lasting, $"{file} does not exist.", e),
        SqliteException { SqliteErrorCode: CannotOpen } => new StoreException(StoreTrouble.Lasting, $"{file} cannot be opened.", e),
        // Creating a file on a full disk (ENOSPC): may work later.
        IOException { HResult: 28 } => new StoreException(StoreTrouble.Passing, $"The disk of {file} is full.", e),
        IOException or UnauthorizedAccessException => new StoreException(StoreTrouble.Lasting, $"{file} cannot be written: {e.Message}", e),
        _ => new StoreException(StoreTrouble.Passing, $"{file}: {e.Message}", e),
    };

    /// <summary>Moves a damaged file out of the way, unless another process has done so already.</summary>
    /// <returns>Where it is now; absent when it needed no moving.</returns>
    public async Task<string?> SetAsideAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await DisposeAsync();
        try
        {
            await PrepareAsync(cancellationToken);
            return null;
        }
        catch (StoreException e) when (e.Trouble == StoreTrouble.Damaged)
        {
            await DisposeAsync();
        }

        var aside = $"{file}.damaged-{now.UtcDateTime:yyyyMMdd'T'HHmmss}";
        try
        {
            for (var n = 2; File.Exists(aside); n++) aside = FormattableString.Invariant($"{file}.damaged-{now.UtcDateTime:yyyyMMdd'T'HHmmss}-{n}");
            File.Move(file, aside);
            foreach (var suffix in (string[])["-wal", "-shm"])
            {
                if (File.Exists(file + suffix)) File.Move(file + suffix, aside + suffix);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Explain(e);
        }

        return aside;
    }

    public override ValueTask DisposeAsync()
    {
        using var pooled = new SqliteConnection(_connection);
        SqliteConnection.ClearPool(pooled);
        return ValueTask.CompletedTask;
    }

    /// <summary>Even a reader wants to put files beside it; where it may not, and nobody writes, the file is read as one that does not change.</summary>
    private async Task<long> ReadVersionAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await OpenAsync(cancellationToken);
            return await VersionAsync(connection, null, cancellationToken);
        }
        catch (SqliteException e) when (e.SqliteErrorCode is CannotOpen or ReadOnly && File.Exists(file) && !File.Exists(file + "-wal"))
        {
            _connection = To($"file:{Uri.EscapeDataString(file).Replace("%2F", "/", StringComparison.Ordinal)}?immutable=1", SqliteOpenMode.ReadOnly);
            await using var connection = await OpenAsync(cancellationToken);
            return await VersionAsync(connection, null, cancellationToken);
        }
    }

    private static string To(string source, SqliteOpenMode mode) => new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, DefaultTimeout = 5 }.ToString();

    /// <summary>Not for everybody's eyes: it holds addresses and paths. What SQLite puts beside it takes the same rights.</summary>
    private void CreateFile()
    {
        if (Path.GetDirectoryName(file) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        if (File.Exists(file)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        using var created = new FileStream(file, options);
    }

    private static Task<long> VersionAsync(DbConnection connection, DbTransaction? transaction, CancellationToken cancellationToken) =>
        connection.NumberAsync("PRAGMA user_version", transaction, cancellationToken);
}
