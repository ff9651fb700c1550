using System.Diagnostics;
using System.Runtime.InteropServices;
using Npgsql;

namespace ProxyGate.Tests.Incidents;

/// <summary>
/// A real PostgreSQL in a folder of its own, on a unix socket in that folder and nowhere else. It refuses to run as root, so root runs it as the
/// user Debian's package made for it.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxygate-pg-");
    private Process? _server;
    private int _databases;

    /// <summary>The folder of its programs; absent when it is not installed.</summary>
    public static string? Programs { get; } = !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order().LastOrDefault();

    private static bool IsRoot => GetUserId() == 0;

    private string Data => Path.Combine(_folder.FullName, "data");

    public async ValueTask InitializeAsync()
    {
        if (Programs is null) return;
        if (IsRoot) await RunAsync("chown", "postgres", _folder.FullName);
        var initdb = As(Path.Combine(Programs, "initdb"), "-D", Data, "-U", "proxygate", "-A", "trust", "-E", "UTF8", "--locale=C", "-N");
        await RunAsync(initdb[0], initdb[1..]);
        await StartAsync();
    }

    /// <summary>A database nobody has used; skips the test where PostgreSQL is not installed.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        Assert.SkipUnless(Programs is not null, "PostgreSQL is not installed here.");
        var name = FormattableString.Invariant($"test{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>As a crash of its machine ends it.</summary>
    public async Task KillAsync()
    {
        _server!.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
        foreach (var left in (string[])["postmaster.pid"])
        {
            if (File.Exists(Path.Combine(Data, left))) File.Delete(Path.Combine(Data, left));
        }
    }

    public async Task StartAsync()
    {
        var command = As(Path.Combine(Programs!, "postgres"), "-D", Data, "-k", _folder.FullName, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60");
        var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder.FullName };
        foreach (var argument in command[1..]) start.ArgumentList.Add(argument);
        _server = Process.Start(start)!;
        var said = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        _server.ErrorDataReceived += (_, e) => said.Enqueue(e.Data);
        _server.BeginErrorReadLine();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or PostgresException or System.Net.Sockets.SocketException)
            {
                if (_server.HasExited || waited.Elapsed > TimeSpan.FromSeconds(60)) throw new InvalidOperationException($"PostgreSQL did not start: {e.Message}\n{string.Join('\n', said)}");
                await Task.Delay(50);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is { HasExited: false })
        {
            _server.Kill(entireProcessTree: true);
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        _folder.Delete(recursive: true);
    }

    private string ConnectionTo(string database) => $"Host={_folder.FullName};Database={database};Username=proxygate";

    private static string[] As(params string[] command) => IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command] : command;

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/" };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{await error}");
    }

    [DllImport("libc", EntryPoint = "getuid")]
    private static extern uint GetUserId();
}
