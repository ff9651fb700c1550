using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>A real server, started in the foreground on a port of its own and ended by its process id.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public int Pid => _process.Id;

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>Ready when something accepts connections on <paramref name="port"/>.</summary>
    public static Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, string folder, int port) =>
        StartAsync(program, arguments, folder, port, _ => AcceptsAsync(port), $"does not listen on port {port}");

    /// <summary>Ready when it has written this word.</summary>
    public static Task<ServerProcess> StartAsync(string program, IEnumerable<string> arguments, string folder, string word) =>
        StartAsync(program, arguments, folder, 0, server => Task.FromResult(server.Output.Contains(word, StringComparison.Ordinal)), $"does not say \"{word}\"");

    private static async Task<ServerProcess> StartAsync(
        string program, IEnumerable<string> arguments, string folder, int port, Func<ServerProcess, Task<bool>> ready, string complaint)
    {
        // Its input stays open: some end when it does.
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var server = new ServerProcess(process, port);
        process.OutputDataReceived += (_, e) => server.Heard(e.Data);
        process.ErrorDataReceived += (_, e) => server.Heard(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        while (!await ready(server))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(30))
            {
                await server.DisposeAsync();
                throw new InvalidOperationException($"{program} {complaint}:\n{server.Output}");
            }

            await Task.Delay(25);
        }

        return server;
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>It has ended, and nothing is left of it.</summary>
    public Task EndedAsync() => _process.WaitForExitAsync();

    /// <summary>Gives it a line.</summary>
    public async Task TellAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
    }

    /// <summary>SIGKILL: it says nothing to anyone, and its connections are closed for it.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // PostgreSQL takes SIGINT for "now", the others for "end".
            _ = Kill(Pid, 2);
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

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
