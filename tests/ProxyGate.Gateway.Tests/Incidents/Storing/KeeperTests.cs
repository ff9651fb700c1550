using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Npgsql;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Gateway.Incidents.Storing.Sql;
using ProxyGate.Gateway.Tests.EventLog;
using ProxyGate.Tests.Incidents;

namespace ProxyGate.Gateway.Tests.Incidents.Storing;

/// <summary>What can happen to a store, and that the gateway goes on: counts stay right, and it says what is wrong, once.</summary>
[Collection("PostgreSQL")]
public sealed class KeeperTests(PostgresServer server) : IDisposable
{
    /// <summary>As any version could have written it.</summary>
    private const string OldIncident = """
        INSERT INTO incidents (id, gateway, cause, status, first_seen, last_seen, count, saved, downtime, flaps, blames, reached_app, outages, paths, clients, changed)
        VALUES ('inc-0000-0001', 'web1', 'connect_refused', 1, 1, 2, 7, 0, 0, 0, 1, 0, '[]', '{"Known":[],"Others":0}', '{"Known":[],"Others":0}', 1);
        """;

    private readonly Folder _folder = new();
    private readonly Recorder _gateway = new();
    private readonly Said _said = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File => _folder.File("data/incidents.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_is_made_where_there_is_none_and_only_its_owner_and_group_read_it()
    {
        await using var stand = Open();
        await stand.FailAsync();
        Assert.Equal(("sqlite", null), (stand.Archive.Status.Store, stand.Archive.Status.Trouble));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, System.IO.File.GetUnixFileMode(File));
        Assert.Empty(_said.Lines);
    }

    [Fact]
    public async Task In_a_folder_that_cannot_be_written_incidents_stay_in_memory_and_that_is_said_once()
    {
        // A file where the folder should be: root, too, cannot write into that.
        await System.IO.File.WriteAllTextAsync(_folder.File("data"), "", Stop);
        await using var stand = Open();
        for (var i = 0; i < 3; i++)
        {
            await stand.FailAsync();
            _gateway.Clock.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(3, (await stand.IncidentAsync()).Count);
        Assert.Equal("memory", stand.Archive.Status.Store);
        Assert.Contains("kept in memory only", Assert.Single(_said.Lines), StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(_folder.File("data"))!));
    }

    [Theory]
    [InlineData("this is no database, it is a text that is long enough to be taken for one.....................................................")]
    [InlineData("SQLite format 3\0 and then nothing that makes sense, neither pages nor sizes..................................................")]
    public async Task A_damaged_file_is_set_aside_and_a_new_one_begun(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await System.IO.File.WriteAllTextAsync(File, content, Stop);
        await using var stand = Open();
        await stand.FailAsync();

        Assert.Equal(("sqlite", 1L), (stand.Archive.Status.Store, (await stand.IncidentAsync()).Count));
        Assert.Contains("was damaged. It was set aside as ", Assert.Single(_said.Lines), StringComparison.Ordinal);
        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(File)!, "*.damaged-*")), Stop));
    }

    [Fact]
    public async Task A_file_that_is_damaged_while_the_gateway_runs_is_set_aside_and_the_new_one_has_the_whole_count()
    {
        await using var stand = Open();
        for (var i = 0; i < 300; i++)
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(200));
            await stand.FailAsync();
        }

        // What the log holds goes into the file, and then the file is written over, as a dying disk does.
        await using (var connection = new SqliteConnection($"Data Source={File}"))
        {
            await connection.OpenAsync(Stop);
            await using var checkpoint = connection.CreateCommand();
            checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await checkpoint.ExecuteNonQueryAsync(Stop);
        }

        await using (var stream = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.Position = 4096;
            var noise = new byte[stream.Length - 4096];
            new Random(1).NextBytes(noise);
            await stream.WriteAsync(noise, Stop);
        }

        SqliteConnection.ClearAllPools();
        for (var i = 0; i < 5; i++) await stand.FailAsync();

        Assert.Equal(("sqlite", null), (stand.Archive.Status.Store, stand.Archive.Status.Trouble));
        Assert.Equal(305, (await stand.IncidentAsync()).Count);
        Assert.Contains(_said.Lines, l => l.Contains("was damaged", StringComparison.Ordinal));
        Assert.Equal(305, (await stand.Archive.CountsAsync(new CountQuery { From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue }, Stop)).Single().Points.Sum(p => p.Count));
    }

    [Fact]
    public async Task A_file_that_is_removed_while_the_gateway_runs_is_begun_anew_with_the_whole_count()
    {
        await using var stand = Open();
        await stand.FailAsync();
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(File)!)) System.IO.File.Delete(file);
        await stand.FailAsync();
        await stand.FailAsync();

        Assert.True(System.IO.File.Exists(File));
        Assert.Equal(3, (await stand.IncidentAsync()).Count);
        Assert.Contains("was removed", Assert.Single(_said.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_file_of_an_earlier_version_is_brought_up_to_date_with_what_is_in_it(int version)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await using (var connection = new SqliteConnection($"Data Source={File};Pooling=false"))
        {
            await connection.OpenAsync(Stop);
            await using var old = connection.CreateCommand();
            old.CommandText = string.Concat(SqlSchema.Steps.Take(version)) + OldIncident + $"PRAGMA user_version = {version};";
            await old.ExecuteNonQueryAsync(Stop);
        }

        await using var stand = Open();
        await stand.FailAsync();
        Assert.Equal([1L, 7L], (await stand.Archive.IncidentsAsync(new IncidentFilter(), Stop)).Items.Select(i => i.Count).Order());
        Assert.Empty(_said.Lines);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_server_with_tables_of_an_earlier_version_is_brought_up_to_date_with_what_is_in_them(int version)
    {
        var settings = new IncidentSettings { Store = "postgres", ConnectionString = await server.NewDatabaseAsync() };
        await using (var connection = new NpgsqlConnection(settings.ConnectionString + ";Pooling=false"))
        {
            await connection.OpenAsync(Stop);
            await using var old = new NpgsqlCommand(
                "CREATE SCHEMA proxygate; SET search_path TO proxygate; CREATE TABLE version (version BIGINT NOT NULL);" + string.Concat(SqlSchema.Steps.Take(version)) + OldIncident + $"INSERT INTO version VALUES ({version})",
                connection);
            await old.ExecuteNonQueryAsync(Stop);
        }

        await using var stand = Open(settings);
        await stand.FailAsync();
        Assert.Equal("postgres", stand.Archive.Status.Store);
        Assert.Equal([1L, 7L], (await stand.Archive.IncidentsAsync(new IncidentFilter(), Stop)).Items.Select(i => i.Count).Order());
        Assert.Empty(_said.Lines);
    }

    [Fact]
    public async Task A_file_of_a_later_version_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        await using (var connection = new SqliteConnection($"Data Source={File};Pooling=false"))
        {
            await connection.OpenAsync(Stop);
            await using var later = connection.CreateCommand();
            later.CommandText = "CREATE TABLE future (x); PRAGMA user_version = 99;";
            await later.ExecuteNonQueryAsync(Stop);
        }

        await using var stand = Open();
        await stand.FailAsync();
        Assert.Equal(("memory", 1L), (stand.Archive.Status.Store, (await stand.IncidentAsync()).Count));
        Assert.Contains("later version of ProxyGate", Assert.Single(_said.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_costs_samples_and_no_count()
    {
        using var disk = TinyDisk.TryMount(384 * 1024);
        Assert.SkipUnless(disk is not null, "Mounting is not allowed here.");
        var file = Path.Combine(disk!.Path, "incidents.db");
        await using var stand = Open(new IncidentSettings { File = file });
        for (var i = 0; i < 1000; i++)
        {
            _gateway.Clock.Advance(TimeSpan.FromMilliseconds(200));
            await stand.FailAsync();
        }

        Assert.NotNull(stand.Archive.Status.Trouble);
        Assert.Contains("full", Assert.Single(_said.Lines), StringComparison.Ordinal);
        // It still answers, from what the file has or from memory.
        Assert.NotEmpty((await stand.Archive.IncidentsAsync(new IncidentFilter(), Stop)).Items);

        Assert.True(disk.Grow(64 * 1024 * 1024));
        _gateway.Clock.Advance(TimeSpan.FromMinutes(1));
        await stand.FailAsync();
        Assert.Null(stand.Archive.Status.Trouble);
        Assert.Equal(1001, (await stand.IncidentAsync()).Count);
        Assert.Contains("again", _said.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_comes_late_gets_all_counts_and_what_it_had_goes_on()
    {
        var settings = new IncidentSettings { Store = "postgres", ConnectionString = await server.NewDatabaseAsync() };
        await using (var before = Open(settings))
        {
            await before.FailAsync();
            await before.FailAsync();
        }

        await server.KillAsync();
        var next = new Recorder(_gateway.Clock);
        await using var stand = new Stand(next, settings, _said);
        await stand.FailAsync();
        Assert.Equal(("memory", 1L), (stand.Archive.Status.Store, (await stand.IncidentAsync()).Count));
        Assert.Contains("cannot be reached", Assert.Single(_said.Lines), StringComparison.Ordinal);

        await server.StartAsync();
        next.Clock.Advance(TimeSpan.FromMinutes(1));
        await stand.FailAsync();
        Assert.Equal("postgres", stand.Archive.Status.Store);
        var all = (await stand.Archive.IncidentsAsync(new IncidentFilter(), Stop)).Items;
        Assert.Equal([(IncidentStatus.Open, 2L), (IncidentStatus.Quiet, 2L)], all.Select(i => (i.Status, i.Count)));
    }

    [Fact]
    public async Task A_server_that_dies_in_between_costs_nothing_that_was_counted()
    {
        await using var stand = Open(new IncidentSettings { Store = "postgres", ConnectionString = await server.NewDatabaseAsync() });
        await stand.FailAsync();
        await server.KillAsync();
        for (var i = 0; i < 10; i++) await stand.FailAsync();
        Assert.Equal(11, stand.Gateway.Tracker.Snapshot().Single().Count);
        Assert.NotNull(stand.Archive.Status.Trouble);
        // What cannot be read from the server is told from memory.
        Assert.Equal(11, (await stand.IncidentAsync()).Count);

        await server.StartAsync();
        _gateway.Clock.Advance(TimeSpan.FromMinutes(1));
        await stand.FailAsync();
        Assert.Null(stand.Archive.Status.Trouble);
        Assert.Equal(12, (await stand.IncidentAsync()).Count);
        Assert.Equal(12, (await stand.Archive.FailuresAsync(new FailureFilter(), Stop)).Items.Count);
    }

    private Stand Open(IncidentSettings? settings = null) => new(_gateway, settings ?? new IncidentSettings { File = File }, _said);

    /// <summary>A gateway's store from the tracker on, without the server.</summary>
    private sealed class Stand(Recorder gateway, IncidentSettings settings, Said said) : IAsyncDisposable
    {
        private StoreKeeper? _keeper;

        public Recorder Gateway => gateway;

        public IncidentArchive Archive { get; } = new(new MemoryStore(), gateway.Samples, new ChangeFeed());

        public async Task FailAsync()
        {
            if (_keeper is null)
            {
                gateway.Tracker.Gateway = "";
                _keeper = new StoreKeeper(new FixedSettings(new GatewaySettings { Incidents = settings }), gateway.Tracker, Archive, gateway.Samples, gateway.Clock, said);
                await _keeper.OpenAsync(Stop);
            }

            gateway.Fail();
            await _keeper.WriteAsync(gateway.Batch(), Stop);
        }

        public async Task<Incident> IncidentAsync() => Assert.Single((await Archive.IncidentsAsync(new IncidentFilter(), Stop)).Items);

        public async ValueTask DisposeAsync()
        {
            if (_keeper is not null) await _keeper.DisposeAsync();
        }
    }

    private sealed class Said : ILogger<StoreKeeper>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}

/// <summary>Settings that never change.</summary>
internal sealed class FixedSettings(GatewaySettings settings) : IGatewaySettingsSource
{
    public GatewaySettings Current => settings;

    public event Action<GatewaySettings>? Changed
    {
        add { }
        remove { }
    }
}
