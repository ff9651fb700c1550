using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Small real apps in Node and Python, and what happens to them.</summary>
internal static class Apps
{
    public const int Kill = 9, Pause = 19;

    /// <summary>In a container, an app that was never seen at 127.0.0.1 is most likely not in this one; less so where another program listens in it too.</summary>
    public static string NeverThere { get; } = File.Exists("/.dockerenv") || File.Exists("/run/.containerenv") || Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 }
        ? "localhost_in_container|app_down" : "app_down";

    public static readonly string[] Ended = ["upstream_closed_without_response", "upstream_reset_without_response"];

    public const string Hello = "require('http').createServer((q, r) => r.end('hello')).listen(+process.argv[2], process.argv[3] || '127.0.0.1');";

    /// <summary>Answers at <c>/</c>, and never any other request.</summary>
    public const string Thinking = "require('http').createServer((q, r) => { if (q.url === '/') r.end('hello'); else console.log('asked'); }).listen(+process.argv[2], '127.0.0.1'); console.log('pid ' + process.pid);";

    /// <summary>A server whose <c>/</c> is well; what it does at any other path is what follows, as the body of <c>other(self)</c>.</summary>
    private const string Python = """
        import http.server, os, sys, time, ctypes, signal, subprocess, socket
        class App(http.server.BaseHTTPRequestHandler):
            protocol_version = 'VERSION'
            def do_GET(self):
                if self.path != '/': return other(self)
                self.send_response(200); self.send_header('Content-Length', '5'); self.end_headers(); self.wfile.write(b'hello')
            def log_message(self, *args): pass
        def other(self):
            BODY
        START
        print('pid', os.getpid(), flush=True)
        server = http.server.SERVER(('127.0.0.1', int(sys.argv[1])), App)
        server.serve_forever()

        """;

    public static async Task<ServerProcess> NodeAsync(TestFolder folder, string script, int? at = null) =>
        await StartAsync(folder, at, port => [Programs.Require("node"), folder.Write("app.js", script), Text(port)]);

    /// <param name="folder">Where its file is written.</param>
    /// <param name="other">What it does at other paths than <c>/</c>.</param>
    /// <param name="start">What it does before it listens.</param>
    /// <param name="oneThread">Whether all of it is done by one thread, one connection after the other.</param>
    public static async Task<ServerProcess> PythonAsync(TestFolder folder, string other, string start = "", bool oneThread = false)
    {
        var file = PythonFile(folder, other, start, oneThread);
        return await StartAsync(folder, null, port => [Programs.Require("python3"), file, Text(port)]);
    }

    public static string PythonFile(TestFolder folder, string other, string start = "", bool oneThread = false) => folder.Write("app.py", Python
        .Replace("BODY", other.ReplaceLineEndings("\n    "), StringComparison.Ordinal)
        .Replace("START", start, StringComparison.Ordinal)
        .Replace("SERVER", oneThread ? "HTTPServer" : "ThreadingHTTPServer", StringComparison.Ordinal)
        .Replace("VERSION", oneThread ? "HTTP/1.0" : "HTTP/1.1", StringComparison.Ordinal));

    /// <summary>The process numbers the app has said, its own first.</summary>
    public static IReadOnlyList<int> Pids(ServerProcess app) =>
        [.. app.Output.Split('\n').Where(l => l.StartsWith("pid ", StringComparison.Ordinal)).Select(l => int.Parse(l[4..], CultureInfo.InvariantCulture))];

    public static void End(int pid) => _ = Signal(pid, Kill);

    /// <summary>
    /// Starts a server on a port of its own. Between choosing the port and binding it somebody else may take it: then another one is tried.
    /// </summary>
    public static async Task<ServerProcess> StartAsync(TestFolder folder, int? at, Func<int, string[]> command)
    {
        for (var i = 0; ; i++)
        {
            var port = at ?? Ports.Free();
            var all = command(port);
            try
            {
                return await ServerProcess.StartAsync(all[0], all[1..], folder.Path, port);
            }
            catch (InvalidOperationException e) when (at is null && i < 3 && (e.Message.Contains("EADDRINUSE", StringComparison.Ordinal) || e.Message.Contains("in use", StringComparison.OrdinalIgnoreCase)))
            {
                // Another port.
            }
        }
    }

    /// <summary>Waits until the app has written a word.</summary>
    public static async Task SaysAsync(ServerProcess app, string word)
    {
        for (var i = 0; i < 2000; i++)
        {
            if (app.Output.Contains(word, StringComparison.Ordinal)) return;
            await Task.Delay(10);
        }

        throw new TimeoutException($"The app did not say {word}: {app.Output}");
    }

    public static async Task SignalAsync(ServerProcess server, int signal, bool gone)
    {
        Assert.Equal(0, Signal(server.Pid, signal));
        if (!gone) return;
        await ClosedAsync(server.Port);
        await server.EndedAsync();
    }

    /// <summary>Waits until nobody listens on the port.</summary>
    public static async Task ClosedAsync(int port)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (!(await File.ReadAllLinesAsync("/proc/net/tcp")).Any(l => l.Contains($":{port:X4} 00000000:0000 0A", StringComparison.Ordinal))) return;
            await Task.Delay(10);
        }

        throw new TimeoutException($"Something still listens on port {port}.");
    }

    /// <summary>An own request to the app, until it answers well.</summary>
    public static async Task AnswersAsync(int port)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        for (var i = 0; i < 200; i++)
        {
            try
            {
                if (await client.GetStringAsync("/") == "hello") return;
            }
            catch (Exception e) when (e is HttpRequestException or SocketException)
            {
                // Not yet.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"The app on port {port} does not answer.");
    }

    public static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public static string Named(string name, int pid) => string.Create(CultureInfo.InvariantCulture, $"{name} (process {pid})");

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int pid, int signal);
}

/// <summary>What is to be done at the end of a scene.</summary>
internal sealed class Ending(Func<Task> end) : IAsyncDisposable
{
    public Ending(Action end) : this(() =>
    {
        end();
        return Task.CompletedTask;
    })
    {
    }

    public async ValueTask DisposeAsync() => await end();
}

/// <summary>A process that is started in the middle of a scene.</summary>
internal sealed class Late : IAsyncDisposable
{
    private readonly List<ServerProcess> _started = [];

    public void Add(ServerProcess process) => _started.Add(process);

    public ServerProcess One => _started[^1];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started) await process.DisposeAsync();
    }
}
