using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>An app that closes its idle connections at random, so that requests cross with closes all the time. tests/load/resilience.sh sends 100,000.</summary>
public sealed class ClosingAppTests(ITestOutputHelper output)
{
    private const string RequestsVariable = "PROXYGATE_CLOSES_REQUESTS";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_visitor_sees_a_close_that_crosses_with_a_request()
    {
        var requests = Environment.GetEnvironmentVariable(RequestsVariable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 4000;
        await using var app = new ClosingApp();
        using var folder = new TestFolder();
        await using var gateway = await GatewayInFront.StartAsync(folder, app.Url);
        var failures = new ConcurrentBag<string>();
        var left = requests;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            // What must not be sent twice waits until the app is known for it.
            for (var n = 0; Interlocked.Decrement(ref left) >= 0; n++)
            {
                var post = n > 100 && n % 4 == 0;
                using var request = new HttpRequestMessage(post ? HttpMethod.Post : HttpMethod.Get, $"/{w}-{n}") { Content = post ? new StringContent("order") : null };
                using var response = await gateway.Client.SendAsync(request, Ct);
                if (!response.IsSuccessStatusCode) failures.Add($"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Ct)}");
                if (n % 3 == 0) await Task.Delay(Random.Shared.Next(4), Ct); // so that connections are idle now and then
            }
        })));
        output.WriteLine($"{requests} requests over {app.Connections} connections, {app.Closed} closed by the app while idle, {failures.Count} failed");

        Assert.True(failures.IsEmpty, $"{failures.Count} failed: {string.Join('\n', failures.Take(3))}");
        Assert.True(app.Closed > requests / 100, $"Only {app.Closed} closes");
        Assert.Equal(app.Orders.Count, app.Orders.Distinct().Count());
    }

    /// <summary>Answers, waits for a moment of random length, and closes when nothing has come.</summary>
    private sealed class ClosingApp : IAsyncDisposable
    {
        private static readonly byte[] Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray();

        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;
        private int _connections;
        private int _closed;

        public ClosingApp()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen(512);
            _accepting = Task.Run(AcceptAsync);
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

        public int Connections => Volatile.Read(ref _connections);

        public int Closed => Volatile.Read(ref _closed);

        public ConcurrentBag<string> Orders { get; } = [];

        private async Task AcceptAsync()
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var socket = await _listener.AcceptAsync(_stop.Token);
                    Interlocked.Increment(ref _connections);
                    _ = Task.Run(() => ServeAsync(socket));
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private async Task ServeAsync(Socket socket)
        {
            using var owned = socket;
            socket.NoDelay = true;
            var buffer = new byte[8192];
            try
            {
                while (true)
                {
                    var have = 0;
                    int end;
                    while ((end = buffer.AsSpan(0, have).IndexOf("\r\n\r\n"u8)) < 0)
                    {
                        var read = await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, _stop.Token);
                        if (read == 0) return;
                        have += read;
                    }

                    var head = Encoding.ASCII.GetString(buffer, 0, end);
                    if (head.StartsWith("POST", StringComparison.Ordinal))
                    {
                        while (have < end + 4 + 5) have += await socket.ReceiveAsync(buffer.AsMemory(have), SocketFlags.None, _stop.Token);
                        Orders.Add(head.Split(' ')[1]);
                    }

                    await socket.SendAsync(Answer, SocketFlags.None, _stop.Token);
                    if (Random.Shared.Next(4) != 0) continue;
                    // Up to 2 ms; then an orderly close, which may cross with a request on its way.
                    if (socket.Poll(Random.Shared.Next(2000), SelectMode.SelectRead)) continue;
                    Interlocked.Increment(ref _closed);
                    return;
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The gateway left first, or the test is over.
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _stop.Dispose();
        }
    }
}
