using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ProxyGate.Investigation.Tests.Probing.Services;

/// <summary>A server as the distribution ships it, in the foreground on a port of its own, in a folder that goes with it.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    private static readonly string[] s_elsewhere = ["/usr/sbin", "/usr/local/sbin", "/sbin"];
    private readonly StringBuilder _output = new();
    private Process? _process;

    public RealServer()
    {
        Folder = Directory.CreateTempSubdirectory("pgprobe").FullName;
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        Port = FreePort();
    }

    public string Folder { get; }

    public int Port { get; }

    public IPEndPoint Address => new(IPAddress.Loopback, Port);

    /// <summary>The program's path; skips the test when it is not installed.</summary>
    public static string Require(string name)
    {
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var found = versions.Concat(path).Concat(s_elsewhere).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(found is not null, $"{name} is not installed here.");
        return found!;
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Ends when something accepts connections on the port.</summary>
    public async Task StartAsync(params string[] command)
    {
        _process = Launch(command);
        _process.OutputDataReceived += (_, e) => Heard(e.Data);
        _process.ErrorDataReceived += (_, e) => Heard(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        while (!await AcceptsAsync())
        {
            lock (_output) Assert.False(_process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(30), $"{command[0]} does not listen on port {Port}:\n{_output}");
            await Task.Delay(25);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public async Task RunAsync(params string[] command)
    {
        using var process = Launch(command);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}:\n{await output}{await error}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            // PostgreSQL takes SIGINT for "now", the others for "end".
            _ = Kill(_process.Id, 2);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private Process Launch(string[] command) =>
        Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    private void Heard(string? line)
    {
        lock (_output) _output.AppendLine(line);
    }

    private async Task<bool> AcceptsAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Below the range the system gives to outgoing connections, so that none of them takes it meanwhile.</summary>
    private static int FreePort()
    {
        for (var i = 0; i < 200; i++)
        {
            var port = Random.Shared.Next(15000, 30000);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: another.
            }
        }

        throw new InvalidOperationException("No free port was found.");
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
