using System.Net;
using System.Net.Sockets;
using ProxyGate.EndToEnd.Tests.Support;
using static ProxyGate.EndToEnd.Tests.Investigation.Apps;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Apps that are there and do not answer.</summary>
internal static class WaitCauses
{
    /// <summary>Accepts nothing: what connects waits in a line for one.</summary>
    private const string NeverAccepting = "import socket, sys, time\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', int(sys.argv[1]))); s.listen(1); time.sleep(600)\n";

    /// <summary>Accepts and never reads.</summary>
    private const string NeverReading = "import socket, sys\ns = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\ns.bind(('127.0.0.1', int(sys.argv[1]))); s.listen()\nheld = []\nwhile True: held.append(s.accept())\n";

    public static IReadOnlyList<RootCause> All { get; } =
    [
        new("app paused (SIGSTOP)", ["response_timeout"], "", "app_hung", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Break = () => SignalAsync(node, Pause, gone: false),
                Change = c => c["ProxyGate"]!["Timeouts"]!["FirstByte"] = "500ms",
                Truth = () => [$"{Named("node", node.Pid)}, which listens at 127.0.0.1:{node.Port}, in state T"],
                Mend = Steps.Run("kill -CONT"),
            }.With(node);
        }),
        new("app accepts and never reads", ["response_timeout"], "", "app_hung", "likely", async folder =>
        {
            var file = folder.Write("hung.py", NeverReading);
            var app = await StartAsync(folder, null, port => [Programs.Require("python3"), file, Text(port)]);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{app.Port}",
                Change = c => c["ProxyGate"]!["Timeouts"]!["FirstByte"] = "500ms",
                // Its end of the connection is gone sometimes, and with it the bytes that lie there; then what it says to nobody tells.
                Truth = () => [Named("python3", app.Pid)],
            }.With(app);
        }),
        new("app works on the request for too long", ["response_timeout"], "", "slow_request", "likely", async folder =>
        {
            var node = await NodeAsync(folder, Thinking);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Change = c => c["ProxyGate"]!["Timeouts"]!["FirstByte"] = "500ms",
                Truth = () => ["the connection was still open"],
            }.With(node);
        }),
        new("app accepts nothing, its waiting line is full", ["connect_timeout"], "listen_backlog_full", "worker_pool_full", "proved", async folder =>
        {
            var file = folder.Write("never.py", NeverAccepting);
            var app = await StartAsync(folder, null, port => [Programs.Require("python3"), file, Text(port)]);
            var waiting = Enumerable.Range(0, 3).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
            foreach (var socket in waiting) Begin(socket, app.Port);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{app.Port}",
                Change = c => c["ProxyGate"]!["Timeouts"]!["Connect"] = "1s",
                Truth = () => [$"2 connections wait at 127.0.0.1:{app.Port} to be taken by the app; its waiting line is made for 1 and is FULL"],
            }.With(app, new Ending(() => waiting.ForEach(s => s.Dispose())));
        })
        { Never = ["firewall_drop", "host_down"] },
    ];

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
}
