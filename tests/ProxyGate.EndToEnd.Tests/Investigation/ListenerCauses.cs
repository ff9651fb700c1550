using System.Net;
using System.Net.Sockets;
using ProxyGate.EndToEnd.Tests.Support;
using static ProxyGate.EndToEnd.Tests.Investigation.Apps;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Who listens, and where.</summary>
internal static class ListenerCauses
{
    /// <summary>Closes every connection with a word that is no HTTP.</summary>
    private const string Stranger = "import socket, sys\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', int(sys.argv[1]))); s.listen()\nwhile True:\n c, _ = s.accept(); c.sendall(b'who are you?\\n'); c.close()\n";

    public static IReadOnlyList<RootCause> All { get; } =
    [
        new("app on the next port", ["connect_refused"], "", "wrong_port", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port - 1}",
                Truth = () => [$"127.0.0.1:{node.Port} ({Named("node", node.Pid)}) and nothing at 127.0.0.1:{node.Port - 1}"],
                Mend = Steps.SetAddressAsync,
            }.With(node);
        }),
        new("app on the next port, gateway without privileges", ["connect_refused"], "", "wrong_port", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            await OpenToNobodyAsync(folder);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port - 1}",
                RunUnder = Environment.IsPrivilegedProcess ? [Programs.Require("setpriv"), "--bounding-set", "-all", "--inh-caps", "-all", "--clear-groups", "--reuid", "65534", "--regid", "65534"] : null,
                Truth = () => [$"The kernel's list of listeners has 127.0.0.1:{node.Port}"],
                Mend = Steps.SetAddressAsync,
            }.With(node);
        }),
        new("app that came back on another port", ["connect_refused"], "", "wrong_port", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            var late = new Late();
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Break = async () =>
                {
                    await SignalAsync(node, Kill, gone: true);
                    late.Add(await NodeAsync(folder, Hello));
                },
                Truth = () => [$"127.0.0.1:{late.One.Port} ({Named("node", late.One.Pid)})", "the same program"],
                Mend = Steps.SetAddressAsync,
            }.With(node, late);
        }),
        new("app on ::1 only", ["connect_refused"], "", "localhost_ipv6", "proved", async folder =>
        {
            var node = await StartOnAsync(folder, "::1");
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Truth = () => [$"[::1]:{node.Port}", Named("node", node.Pid)],
                Mend = Steps.SetAddressAsync,
            }.With(node);
        }),
        new("app on 127.0.0.1, asked for at ::1", ["connect_refused"], "", "localhost_ipv6", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene
            {
                Upstream = $"http://[::1]:{node.Port}",
                Truth = () => [$"127.0.0.1:{node.Port}", Named("node", node.Pid)],
                Mend = Steps.SetAddressAsync,
            }.With(node);
        }),
        new("app on 127.0.0.1, asked for at another address of the machine", ["connect_refused"], "", "app_bound_elsewhere", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene
            {
                Upstream = $"http://127.0.0.2:{node.Port}",
                Truth = () => [$"{Named("node", node.Pid)} holds 127.0.0.1:{node.Port}"],
                Mend = Steps.SetAddressAsync,
            }.With(node);
        }),
        new("port of a dead app taken by another program", ["response_not_http"], "", "port_taken", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            var late = new Late();
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Break = async () =>
                {
                    await SignalAsync(node, Kill, gone: true);
                    var stranger = folder.Write("stranger.py", Stranger);
                    late.Add(await StartAsync(folder, node.Port, port => [Programs.Require("python3"), stranger, Text(port)]));
                },
                Truth = () => [Named("node", node.Pid), Named("python3", late.One.Pid), "stranger.py"],
            }.With(node, late);
        })
        { Never = ["restarted", "app_starting", "app_down"] },
        new("nobody ever listened", ["connect_refused"], "", NeverThere, "likely", _ => Task.FromResult(new Scene { Upstream = $"http://127.0.0.1:{LonelyPort()}" })),
        new("app in another network of this machine, asked for at 127.0.0.1", ["connect_refused"], "", NeverThere, "likely", async folder =>
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "making a network namespace needs root");
            var (name, port) = ("pgr" + Path.GetRandomFileName()[..6], LonelyPort());
            await RunAsync("ip", "netns", "add", name);
            await RunAsync("ip", "-n", name, "link", "set", "lo", "up");
            var ready = folder.PathOf("ready");
            var script = folder.Write("inside.py", $"import socket, sys, time\ns = socket.socket(); s.bind(('127.0.0.1', {port})); s.listen(); open('{ready}', 'w').close(); time.sleep(600)\n");
            var start = new System.Diagnostics.ProcessStartInfo("ip", ["netns", "exec", name, Programs.Require("python3"), script]);
            var inside = System.Diagnostics.Process.Start(start)!;
            for (var i = 0; i < 1000 && !File.Exists(ready); i++) await Task.Delay(10);
            return new Scene { Upstream = $"http://127.0.0.1:{port}" }.With(new Ending(async () =>
            {
                inside.Kill(entireProcessTree: true);
                await inside.WaitForExitAsync();
                inside.Dispose();
                await RunAsync("ip", "netns", "del", name);
            }));
        })
        { Never = ["wrong_port", "restarted", "firewall_reject"] },
        new("unix socket left behind by a killed app", ["connect_refused"], "", "app_down", "proved", async folder =>
        {
            var socket = folder.PathOf("app.sock");
            var port = Ports.Free();
            var node = await ServerProcess.StartAsync(
                Programs.Require("node"),
                [folder.Write("app.js", $"const h = require('http'), a = (q, r) => r.end('hello'); h.createServer(a).listen('{socket}', () => h.createServer(a).listen({port}, '127.0.0.1'));")],
                folder.Path,
                port);
            return new Scene
            {
                Upstream = $"http://unix:{socket}",
                Break = () => SignalAsync(node, Kill, gone: true),
                Truth = () => [$"process {node.Pid} (node) no longer exists"],
            }.With(node);
        }),
    ];

    private static async Task<ServerProcess> StartOnAsync(TestFolder folder, string address)
    {
        // It answers on both at first, so that it is known to be there; then only where it is to be.
        var port = Ports.Free();
        var ready = folder.PathOf("ready");
        var script = folder.Write("app.js", $"const h = require('http'), fs = require('fs'), a = (q, r) => r.end('hello'), t = h.createServer(a).listen(+process.argv[2], '127.0.0.1'); h.createServer(a).listen(+process.argv[2], process.argv[3]); process.stdin.once('data', () => t.close(() => fs.writeFileSync('{ready}', '')));");
        var node = await ServerProcess.StartAsync(Programs.Require("node"), [script, Text(port), address], folder.Path, port);
        await node.TellAsync();
        for (var i = 0; i < 1000 && !File.Exists(ready); i++) await Task.Delay(10);
        await ClosedAsync(port);
        return node;
    }

    /// <summary>A port with nobody near it who could be taken for the app.</summary>
    private static int LonelyPort()
    {
        for (var i = 0; i < 100; i++)
        {
            var port = Ports.Free();
            var taken = File.ReadAllLines("/proc/net/tcp").Concat(File.ReadAllLines("/proc/net/tcp6")).Where(l => l.Contains(" 0A ", StringComparison.Ordinal))
                .Select(l => Convert.ToInt32(l.Split(':')[2].Split(' ')[0], 16));
            if (taken.All(t => Math.Abs(t - port) > 40)) return port;
        }

        throw new InvalidOperationException("No lonely port was found.");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, output, error) = await Programs.RunAsync(program, arguments, "/");
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {output}{error}");
    }

    /// <summary>The gateway writes its log beside its configuration.</summary>
    private static async Task OpenToNobodyAsync(TestFolder folder)
    {
        if (!Environment.IsPrivilegedProcess) return;
        Directory.CreateDirectory(folder.PathOf("gateway"));
        await RunAsync("chmod", "777", folder.PathOf("gateway"));
    }
}
