using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>The app behind all gateways: knows a request by its case field, notes how it came and plays the case's part.</summary>
internal sealed class ScriptedApp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, Exchange> _cases = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<StrictMessage>> _arrived = new();
    private readonly Task _accepting;

    public ScriptedApp()
    {
        _listener.Start(256);
        _accepting = Task.Run(AcceptAsync);
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What came that was no request, or nobody's: gateways may send no such thing.</summary>
    public ConcurrentQueue<string> Strange { get; } = new();

    public void Add(Exchange exchange) => _cases[exchange.Name] = exchange;

    public void Forget(Exchange exchange) => _cases.TryRemove(exchange.Name, out _);

    /// <summary>How a case's request came from a gateway, and how often.</summary>
    public IReadOnlyList<StrictMessage> Take(Exchange exchange, string gateway) => _arrived.TryRemove($"{exchange.Name}/{gateway}", out var all) ? [.. all] : [];

    private async Task AcceptAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_over.Token);
                socket.NoDelay = true;
                _ = ServeAsync(socket);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new SocketEnd(socket, _over.Token);
        try
        {
            while (await ServeOneAsync(connection))
            {
                // The next request on the same connection.
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The gateway broke it off, or the test is over.
        }
    }

    private async Task<bool> ServeOneAsync(SocketEnd connection)
    {
        StrictMessage head;
        while ((head = StrictReader.ReadHead(connection.Received, request: true)).Verdict == Verdict.Cut)
        {
            if (!await connection.FillAsync()) return false;
        }

        if (head.Verdict == Verdict.Refused || head.Values(Exchange.CaseField).FirstOrDefault() is not { } who || !_cases.TryGetValue(who.Split('/')[0], out var exchange))
        {
            Strange.Enqueue($"{head}: {Bytes.Escape(connection.Received[..Math.Min(connection.Received.Length, 500)])}");
            return false;
        }

        var arrived = _arrived.GetOrAdd(who, _ => new ConcurrentQueue<StrictMessage>());
        var play = exchange.Play;
        if (play.Early)
        {
            arrived.Enqueue(head);
            await connection.SendAsync(play.Pieces);
            // Who waited for leave to send the body, and got the answer, sends none.
            if (play.End != AppEnd.KeepOpen && head.Has("Expect", "100-continue"))
            {
                await EndAsync(connection, play.End);
                return false;
            }
        }
        else if (head.Has("Expect", "100-continue"))
        {
            await connection.SendAsync([Bytes.Of("HTTP/1.1 100 Continue\r\n\r\n")]);
        }

        StrictMessage request;
        while ((request = StrictReader.ReadRequest(connection.Received)).Verdict == Verdict.Cut)
        {
            if (!await connection.FillAsync()) break;
        }

        if (request.Verdict != Verdict.Whole && !play.Early) Strange.Enqueue($"{who} came as {request}");
        if (!play.Early)
        {
            arrived.Enqueue(request);
            if (request.Verdict == Verdict.Whole) await connection.SendAsync(play.Pieces);
        }

        if (request.Verdict != Verdict.Whole) return false;
        connection.Take(request.Consumed);
        if (play.Echoes)
        {
            await EchoAsync(connection, exchange.Tunnel.Length);
            return false;
        }

        await EndAsync(connection, play.End);
        return play.End == AppEnd.KeepOpen;
    }

    private static async Task EndAsync(SocketEnd connection, AppEnd end)
    {
        if (end == AppEnd.Reset) connection.Reset();
        if (end == AppEnd.Close) await connection.CloseAsync();
    }

    /// <summary>Sends everything back and closes, as after a WebSocket's Close.</summary>
    private static async Task EchoAsync(SocketEnd connection, int length)
    {
        while (length > 0)
        {
            if (connection.Received.Length == 0 && !await connection.FillAsync()) return;
            var part = connection.Received.ToArray();
            connection.Take(part.Length);
            length -= part.Length;
            await connection.SendAsync([part]);
        }

        await connection.CloseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }
}
