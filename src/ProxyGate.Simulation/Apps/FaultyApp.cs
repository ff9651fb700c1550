using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Apps;

/// <summary>
/// The app that gets killed: a process of its own, because a process's death looks to the kernel like nothing else. Arguments: when to
/// die (<c>before</c> or <c>mid</c> answer) and the port. It prints its port, and ends when its standard input does.
/// </summary>
public static class FaultyApp
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (arguments is not [("before" or "mid") and var moment, var portText]
            || !int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return 2;

        using var listener = FaultListener.Listen(new IPEndPoint(IPAddress.Loopback, port), backlog: 16);
        Console.WriteLine(((IPEndPoint)listener.LocalEndPoint!).Port);
        using var stop = new CancellationTokenSource();
        var orphaned = Task.Run(() =>
        {
            while (Console.In.Read() >= 0)
                continue;
            stop.Cancel();
        });
        try
        {
            while (true)
                _ = DieOnRequestAsync(await listener.AcceptAsync(stop.Token), moment, stop.Token);
        }
        catch (OperationCanceledException)
        {
            await orphaned;
            return 0;
        }
    }

    private static async Task DieOnRequestAsync(Socket socket, string moment, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var head = new StringBuilder();
        while (!head.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            var count = await socket.ReceiveAsync(buffer, cancellationToken);
            if (count == 0)
                return;
            head.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        if (moment == "mid")
        {
            await socket.SendAsync(
                Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 5000)), cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
