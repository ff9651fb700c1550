using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>The built program, run as a person runs it.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private bool _stopped;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _servers = [];

    private GatewayProcess(Process process, string eventFile)
    {
        _process = process;
        EventFile = eventFile;
        Events = new EventTail(eventFile);
    }

    /// <summary>The program beside the tests, or the one that PROXYGATE_PROGRAM names: what is measured is what is published.</summary>
    public static string Program { get; } = Environment.GetEnvironmentVariable("PROXYGATE_PROGRAM") is { Length: > 0 } other ? other : Path.Combine(AppContext.BaseDirectory, "proxygate");

    public int Pid => _process.Id;

    /// <summary>What of its memory is in the machine's, in bytes.</summary>
    public long Memory => long.Parse(
        File.ReadLines($"/proc/{Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) << 10;

    public string EventFile { get; }

    public EventTail Events { get; }

    /// <summary>The first address it listens on, as it says it: also <c>http://unix:/path</c>, which is no URI.</summary>
    public string Server => _servers[0];

    public Uri Address => Addresses[0];

    public IReadOnlyList<Uri> Addresses => [.. _servers.Select(s => new Uri(s))];

    public Uri Admin { get; private set; } = new("http://127.0.0.1:1");

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    /// <summary>What it said that no fault of an upstream or client excuses: errors of its own.</summary>
    public IEnumerable<string> Troubles => Output.Split('\n').Where(
        line => line.Contains(" ERROR ", StringComparison.Ordinal) || line.Contains(" FATAL ", StringComparison.Ordinal) || line.Contains("Unhandled exception", StringComparison.Ordinal));

    /// <param name="arguments">After <c>proxygate</c>.</param>
    /// <param name="folder">The working folder, where the event log goes by default.</param>
    /// <param name="prefix">A command to run it under, e.g. <c>ip netns exec NAME</c>.</param>
    public static async Task<GatewayProcess> StartAsync(
        IEnumerable<string> arguments, string folder, IReadOnlyList<string>? prefix = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var all = (prefix ?? []).Append(Program).Concat(arguments).ToArray();
        var start = new ProcessStartInfo(all[0]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in all[1..]) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        var gateway = new GatewayProcess(Process.Start(start)!, Path.Combine(folder, "logs", "events.jsonl"));
        gateway._process.OutputDataReceived += (_, e) => gateway.Heard(e.Data);
        gateway._process.ErrorDataReceived += (_, e) => gateway.Heard(e.Data);
        gateway._process.BeginOutputReadLine();
        gateway._process.BeginErrorReadLine();
        var exited = gateway._process.WaitForExitAsync();
        if (await Task.WhenAny(gateway._listening.Task, exited, Task.Delay(TimeSpan.FromSeconds(30))) != gateway._listening.Task)
        {
            await gateway.DisposeAsync();
            throw new InvalidOperationException($"The gateway did not start:\n{gateway.Output}");
        }

        return gateway;
    }

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        // "Listening on http://127.0.0.1:41234" … "Admin on http://127.0.0.1:41235" … "Ready"
        if (After(line, "Listening on ") is { } listen) _servers.Add(listen.TrimEnd('/'));
        else if (After(line, "Admin on ") is { } admin) Admin = new Uri(admin);
        else if (line.Contains("Ready", StringComparison.Ordinal)) _listening.TrySetResult();
    }

    private static string? After(string line, string marker)
    {
        var at = line.IndexOf(marker, StringComparison.Ordinal);
        return at >= 0 ? line[(at + marker.Length)..].Trim().Split(' ')[0] : null;
    }

    /// <summary>The event with this failure id; waits for the log to be written.</summary>
    public async Task<JsonObject> EventAsync(string id, CancellationToken cancellationToken) =>
        (await Events.ByIdAsync(id, $"There is no event with id {id} in {EventFile}.", cancellationToken)).Json();

    public async Task<JsonObject> WaitForEventAsync(Func<JsonObject, bool> match, string what, CancellationToken cancellationToken) =>
        (await Events.FirstAsync(e => match(e.Json()), $"There is no {what} in {EventFile}.", cancellationToken)).Json();

    public async Task<IReadOnlyList<string>> LinesAsync(CancellationToken cancellationToken) =>
        [.. (await Events.AllAsync(cancellationToken)).Select(e => e.Line)];

    /// <summary>Nothing a client or an upstream does may end it; what it said last tells why it did.</summary>
    public void AssertAlive()
    {
        if (!_process.HasExited) return;
        var output = Output;
        throw new InvalidOperationException($"The gateway ended by itself with code {_process.ExitCode}:\n{output[^Math.Min(output.Length, 6000)..]}");
    }

    public void Signal(int signal) => _ = Kill(Pid, signal);

    public async Task<int> StopAsync()
    {
        _stopped = true;
        Signal(15);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Waits for its end without a signal of its own.</summary>
    public async Task<int> ExitedAsync(TimeSpan longest)
    {
        _stopped = true;
        using var limit = new CancellationTokenSource(longest);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        // A gateway that ended by itself is the finding, whatever else the tests saw of it.
        if (_process.HasExited && _process.ExitCode is not (0 or 143) && !_stopped) await Console.Error.WriteLineAsync($"The gateway ended by itself with code {_process.ExitCode}:\n{Output}");
        if (!_process.HasExited)
        {
            Signal(15);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
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
        Events.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IEnumerable<string> arguments, string? folder = null)
    {
        var start = new ProcessStartInfo(Program) { WorkingDirectory = folder ?? "", RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"proxygate {string.Join(' ', start.ArgumentList)} did not end."));
        }

        return (process.ExitCode, await output, await error);
    }
}
