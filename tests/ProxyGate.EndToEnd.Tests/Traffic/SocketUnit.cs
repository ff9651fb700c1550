using System.Diagnostics;
using System.Globalization;
using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>A stand-in for systemd's socket unit: the socket lives in it, and gateways that it starts get it open.</summary>
internal sealed class SocketUnit : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SocketUnit(Process process) => _process = process;

    public int Port { get; private set; }

    public string Output
    {
        get
        {
            lock (_output) return _output.ToString();
        }
    }

    public static async Task<SocketUnit> StartAsync(string config, CancellationToken stop)
    {
        var start = new ProcessStartInfo(Programs.Require("python3"))
        {
            WorkingDirectory = Path.GetDirectoryName(config)!,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Traffic", "socket_unit.py"), GatewayProcess.Program, config]) start.ArgumentList.Add(argument);
        var unit = new SocketUnit(Process.Start(start)!);
        unit._process.OutputDataReceived += (_, e) => unit.Heard(e.Data);
        unit._process.ErrorDataReceived += (_, e) => unit.Heard(e.Data);
        unit._process.BeginOutputReadLine();
        unit._process.BeginErrorReadLine();
        unit.Port = await unit._port.Task.WaitAsync(TimeSpan.FromSeconds(120), stop);
        return unit;
    }

    /// <summary>Starts one more gateway on the same socket, and waits until it is ready.</summary>
    public async Task<int> StartGatewayAsync(CancellationToken stop)
    {
        var (started, ready) = (Count("started "), Count("Ready"));
        await _process.StandardInput.WriteLineAsync("start".AsMemory(), stop);
        await Waiting.UntilAsync(() => Task.FromResult(Count("started ") > started && Count("Ready") > ready), () => Output, stop);
        var line = Output.Split('\n').Last(l => l.StartsWith("started ", StringComparison.Ordinal));
        return int.Parse(line.AsSpan(8).Trim(), CultureInfo.InvariantCulture);
    }

    public Task TerminateAsync(int pid) => _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"term {pid}"));

    /// <summary>Waits for a gateway's end and gives its exit code.</summary>
    public async Task<int> EndedAsync(int pid, CancellationToken stop)
    {
        var marker = string.Create(CultureInfo.InvariantCulture, $"ended {pid} ");
        await Waiting.UntilAsync(() => Task.FromResult(Output.Contains(marker, StringComparison.Ordinal)), () => Output, stop);
        var line = Output.Split('\n').First(l => l.StartsWith(marker, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(marker.Length).Trim(), CultureInfo.InvariantCulture);
    }

    private int Count(string text) => Output.Split(text).Length - 1;

    private void Heard(string? line)
    {
        if (line is null) return;
        lock (_output) _output.AppendLine(line);
        if (line.StartsWith("port ", StringComparison.Ordinal)) _port.TrySetResult(int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
    }
}
