using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>A real program that listens, and then behaves as the test says. It is ended by its number when the test ends.</summary>
internal sealed class Child : IAsyncDisposable
{
    /// <summary>Argument 1: address, 2: port, 3: backlog. What follows is the behaviour; it may use s, the listening socket.</summary>
    private const string Listen = """
        import socket, sys, os, time, ctypes
        host, port, backlog = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
        s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if host == '::' : s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(os.environ.get('V6ONLY', '0')))
        s.bind((host, port)); s.listen(backlog)
        print(s.getsockname()[1], flush=True)

        """;

    public const string Sleep = "time.sleep(60)";

    public const string AcceptAndHang = "c, _ = s.accept(); print('accepted', flush=True); time.sleep(60)";

    public const string ReadAndHang = "c, _ = s.accept(); c.recv(65536); print('read', flush=True); time.sleep(60)";

    /// <summary>Reads a line that tells it to go on.</summary>
    public const string Segfault = "sys.stdin.readline(); ctypes.string_at(0)";

    public const string EatMemory = "sys.stdin.readline(); b = bytearray(400 << 20)";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private Child(Process process, int port) => (Process, Port) = (process, port);

    public Process Process { get; }

    public int Port { get; }

    public int Pid => Process.Id;

    public IPEndPoint At(string address = "127.0.0.1") => new(IPAddress.Parse(address), Port);

    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    public static async Task<Child> StartAsync(string behaviour, string address = "127.0.0.1", int port = 0, int backlog = 16, IReadOnlyList<string>? arguments = null, string? cgroup = null, string? before = null)
    {
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        var join = cgroup is null ? "" : $"open('{cgroup}/cgroup.procs', 'w').write('0')\n";
        foreach (var argument in (string[])["-c", join + before + Listen + behaviour, address, port.ToString(CultureInfo.InvariantCulture), backlog.ToString(CultureInfo.InvariantCulture), .. arguments ?? []])
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        var line = await process.StandardOutput.ReadLineAsync(limit.Token);
        if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var bound)) return new Child(process, bound);
        throw new InvalidOperationException($"{line} {await process.StandardError.ReadToEndAsync(limit.Token)}");
    }

    public async Task<string?> SaysAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        return await Process.StandardOutput.ReadLineAsync(limit.Token);
    }

    /// <summary>Gives it the line it waits for.</summary>
    public async Task TellAsync()
    {
        await Process.StandardInput.WriteLineAsync();
        await Process.StandardInput.FlushAsync();
    }

    public async Task GoOnAsync()
    {
        await TellAsync();
        await EndedAsync();
    }

    public async Task EndedAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await Process.WaitForExitAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited) Process.Kill(entireProcessTree: true);
        await EndedAsync();
        Process.Dispose();
    }
}
