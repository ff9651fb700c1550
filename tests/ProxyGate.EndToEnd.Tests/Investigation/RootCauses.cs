using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>The faults, each made with real processes. A new row is all a new fault needs.</summary>
internal static class RootCauses
{
    private const int Kill = 9, Pause = 19;

    private const string Hello = "require('http').createServer((q, r) => r.end('hello')).listen(+process.argv[2], process.argv[3] || '127.0.0.1');";

    /// <summary>Answers the first request of each connection at <c>/</c>, and never any other.</summary>
    private const string Thinking = "require('http').createServer((q, r) => { if (q.url === '/') r.end('hello'); else console.log('asked'); }).listen(+process.argv[2], '127.0.0.1');";

    /// <summary>Accepts nothing: what connects waits in a line for one.</summary>
    private const string NeverAccepting = "import socket, sys, time\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', int(sys.argv[1]))); s.listen(1); time.sleep(600)\n";

    private static readonly string[] s_ended = ["upstream_closed_without_response", "upstream_reset_without_response"];

    public static IReadOnlyList<RootCause> All { get; } =
    [
        new("app on the next port", ["connect_refused"], "", "wrong_port", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"http://127.0.0.1:{node.Port - 1}" }.With(node);
        }),
        new("app on ::1 only", ["connect_refused"], "", "localhost_ipv6", "proved", async folder =>
        {
            var app = new TcpListener(IPAddress.IPv6Loopback, Ports.Free());
            app.Start();
            return new Scene { Upstream = $"http://127.0.0.1:{((IPEndPoint)app.LocalEndpoint).Port}" }.With(new Ending(() => app.Stop()));
        }),
        new("app on 127.0.0.1, asked for at another address of the machine", ["connect_refused"], "", "app_bound_elsewhere", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"http://127.0.0.2:{node.Port}" }.With(node);
        }),
        new("app killed (SIGKILL), then asked", ["connect_refused"], "", "app_down", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"http://127.0.0.1:{node.Port}", Break = () => SignalAsync(node, Kill, gone: true) }.With(node);
        }),
        new("app killed (SIGKILL) in a request", [.. s_ended, "stale_connection"], "", "app_down", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Thinking);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Break = () => Task.CompletedTask,
                BreakInRequest = async () =>
                {
                    await AskedAsync(node);
                    await SignalAsync(node, Kill, gone: true);
                },
            }.With(node);
        }),
        new("app paused (SIGSTOP)", ["response_timeout"], "", "app_hung", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"http://127.0.0.1:{node.Port}", Break = () => SignalAsync(node, Pause, gone: false), Change = c => c["ProxyGate"]!["Timeouts"]!["FirstByte"] = "500ms" }
                .With(node);
        }),
        new("app works on the request for too long", ["response_timeout"], "", "slow_request", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Thinking);
            return new Scene { Upstream = $"http://127.0.0.1:{node.Port}", Change = c => c["ProxyGate"]!["Timeouts"]!["FirstByte"] = "500ms" }.With(node);
        }),
        new("app accepts nothing, its waiting line is full", ["connect_timeout"], "listen_backlog_full", "worker_pool_full", "proved", async folder =>
        {
            var port = Ports.Free();
            var app = await ServerProcess.StartAsync(Programs.Require("python3"), [folder.Write("never.py", NeverAccepting), $"{port}"], folder.Path, port);
            var waiting = Enumerable.Range(0, 3).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
            foreach (var socket in waiting) Begin(socket, port);
            return new Scene { Upstream = $"http://127.0.0.1:{port}", Change = c => c["ProxyGate"]!["Timeouts"]!["Connect"] = "1s" }
                .With(app, new Ending(() => waiting.ForEach(s => s.Dispose())));
        }),
        new("https port of Node spoken to in http", s_ended, "plain_http_to_tls_port", "scheme_http_to_https", "proved", async folder =>
        {
            using var authority = new TestAuthority(folder);
            var (certificate, key) = authority.Make("localhost");
            var node = await NodeAsync(folder, $"const fs = require('fs'); require('https').createServer({{ cert: fs.readFileSync('{certificate}'), key: fs.readFileSync('{key}') }}, (q, r) => r.end('hello')).listen(+process.argv[2], '127.0.0.1');");
            return new Scene { Upstream = $"http://127.0.0.1:{node.Port}" }.With(node);
        }),
        new("http port of Node spoken to in https", ["tls_to_plain_http_port"], "", "scheme_https_to_http", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"https://127.0.0.1:{node.Port}" }.With(node);
        }),
        new("sshd behind the port", ["response_not_http"], "", "wrong_port", "proved", SshdAsync),
    ];

    private static async Task<ServerProcess> NodeAsync(TestFolder folder, string script)
    {
        var port = Ports.Free();
        return await ServerProcess.StartAsync(Programs.Require("node"), [folder.Write("app.js", script), $"{port}"], folder.Path, port);
    }

    private static async Task<Scene> SshdAsync(TestFolder folder)
    {
        var sshd = Programs.Require("sshd");
        var key = folder.PathOf("host_key");
        Assert.Equal(0, (await Programs.RunAsync(Programs.Require("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-f", key], folder.Path)).Code);
        // As root it wants a folder of the system for itself; as anybody else it does not.
        var prefix = Environment.UserName == "root" ? (string[])[Programs.Require("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
        if (prefix.Length > 0) await Programs.RunAsync("chown", ["-R", "nobody", folder.Path], folder.Path);
        var port = Ports.Free();
        var config = folder.Write("sshd_config", $"ListenAddress 127.0.0.1\nPidFile {folder.PathOf("sshd.pid")}\nUsePAM no\n");
        var run = (string[])[.. prefix, sshd, "-D", "-e", "-f", config, "-h", key, "-p", $"{port}"];
        var server = await ServerProcess.StartAsync(run[0], run[1..], folder.Path, port);
        return new Scene { Upstream = $"http://127.0.0.1:{port}" }.With(server);
    }

    /// <summary>Waits until the gateway's request has come to the app.</summary>
    private static async Task AskedAsync(ServerProcess app)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (app.Output.Contains("asked", StringComparison.Ordinal)) return;
            await Task.Delay(10);
        }

        throw new TimeoutException("The request did not come to the app.");
    }

    private static async Task SignalAsync(ServerProcess server, int signal, bool gone)
    {
        Assert.Equal(0, Signal(server.Pid, signal));
        for (var i = 0; i < 500 && gone; i++)
        {
            if (!(await File.ReadAllLinesAsync("/proc/net/tcp")).Any(l => l.Contains($":{server.Port:X4} 00000000:0000 0A", StringComparison.Ordinal))) return;
            await Task.Delay(10);
        }
    }

    private static void Begin(Socket socket, int port)
    {
        try
        {
            socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            // Under way: the kernel puts it into the waiting line, or leaves it before the door.
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int pid, int signal);

    private sealed class Ending(Action end) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            end();
            return ValueTask.CompletedTask;
        }
    }
}
