using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Investigation.Tests.Probing.Names;
using ProxyGate.Investigation.Tests.Probing.Network;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>
/// The built gateway inside a network whose hosts, routers and name server misbehave, each fault a route of its own. The faults that do not
/// disturb each other are tried side by side, each once; the tests wait for their own.
/// </summary>
public sealed class NetworkStand : IAsyncLifetime
{
    private const int AtOnce = 4;

    private readonly TestFolder _folder = new();
    private readonly List<IAsyncDisposable> _started = [];
    private readonly Dictionary<string, Task> _rows = [];
    private FaultyNameServer? _names;
    private HttpClient? _client;
    private int _askedBefore;

    public static string? ImpossibleBecause => ProbeLab.ImpossibleBecause();

    internal ProbeLab Lab { get; } = new();

    internal GatewayProcess Gateway { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string ResolverFolder => Path.Combine("/etc/netns", Lab.GatewayNamespace);

    public async ValueTask InitializeAsync()
    {
        if (ImpossibleBecause is not null) return;
        await Lab.InitializeAsync();
        Directory.CreateDirectory(ResolverFolder);
        await File.WriteAllTextAsync(Path.Combine(ResolverFolder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n", Stop);
        _names = await Lab.AtAsync("-g", () => new FaultyNameServer("127.0.0.1", 53));
        _names.App = ProbeLab.Host;
        _started.Add(new SmallApp(await Lab.AtAsync("-u", () => Listen(IPAddress.Parse(ProbeLab.Host), 8100))));
        _started.Add(new SmallApp(await Lab.AtAsync("-u", () => Listen(IPAddress.Parse(ProbeLab.Host), 7041))));
        _started.Add(new SmallApp(await Lab.AtAsync("-g", () => Listen(IPAddress.Loopback, 8300))));
        await StartNodeAsync();
        await StartGatewayAsync();
        var run = RunAsync;
        var alone = Task.CompletedTask;
        foreach (var cause in NetworkCauses.All.Where(c => c.Alone)) _rows[cause.Fault] = alone = After(alone, () => run(cause));
        using var places = new SemaphoreSlim(AtOnce);
        var others = NetworkCauses.All.Where(c => !c.Alone).ToList();
        await Settled(alone);
        foreach (var cause in others)
        {
            await places.WaitAsync(Stop);
            _rows[cause.Fault] = Task.Run(async () =>
            {
                try
                {
                    await run(cause);
                }
                finally
                {
                    places.Release();
                }
            });
        }

        await Settled(Task.WhenAll(_rows.Values));
    }

    /// <summary>What was tried of a fault: fails as that failed.</summary>
    internal Task ResultOf(NetworkCause cause) => _rows[cause.Fault];

    internal List<(NetworkCause Cause, string Seen, double Ms)> Measured { get; } = [];

    /// <summary>The name's address is changed once the gateway has its answer.</summary>
    internal async Task MoveNameAsync()
    {
        int Asked()
        {
            lock (_names!.Asked) return _names.Asked.Count(a => a.StartsWith("app.lab.test/", StringComparison.Ordinal));
        }

        var before = _askedBefore;
        for (var i = 0; i < 500 && Asked() < before + 2; i++) await Task.Delay(10);
        _names!.App = ProbeLab.OnLink;
    }

    internal async Task<(JsonObject Event, string Body)> FailAsync(NetworkCause cause, string accept = "application/problem+json")
    {
        var path = $"/{IdOf(cause)}/{Guid.NewGuid():n}";
        using var request = new HttpRequestMessage(cause.Upload ? HttpMethod.Post : HttpMethod.Get, path) { Content = cause.Upload ? new StringContent("body") : null };
        request.Headers.Accept.ParseAdd(accept);
        using var response = await _client!.SendAsync(request, Stop);
        var body = await response.Content.ReadAsStringAsync(Stop);
        return (await Gateway.WaitForEventAsync(e => (string?)e["client"]?["path"] == path, $"event for {path} ({(int)response.StatusCode} {body})", Stop), body);
    }

    internal Task<JsonObject> FindingAsync(JsonObject failure) => Gateway.WaitForEventAsync(
        e => (string?)e["schema"] == "proxygate.finding/1" && (string?)e["failure"] == (string?)failure["id"], $"finding for {failure}", Stop);

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (Gateway is not null) await Gateway.DisposeAsync();
        foreach (var one in Enumerable.Reverse(_started)) await one.DisposeAsync();
        if (_names is not null) await _names.DisposeAsync();
        await Lab.DisposeAsync();
        if (Directory.Exists(ResolverFolder)) Directory.Delete(ResolverFolder, recursive: true);
        _folder.Dispose();
    }

    private async Task RunAsync(NetworkCause cause)
    {
        if (cause.Break is { } breakIt)
        {
            using var well = await _client!.GetAsync(new Uri($"/{IdOf(cause)}/well", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.OK, well.StatusCode);
            await breakIt(this);
        }

        if (cause.InRequest is not null)
        {
            lock (_names!.Asked) _askedBefore = _names.Asked.Count(a => a.StartsWith("app.lab.test/", StringComparison.Ordinal));
        }

        var failing = FailAsync(cause);
        if (cause.InRequest is { } inRequest) await inRequest(this);
        var (first, _) = await failing;
        Assert.True(cause.Causes.Contains((string?)first["cause"]), $"Expected {string.Join(" or ", cause.Causes)}: {first}");
        var finding = await FindingAsync(first);
        await FirstHint.AssertFindingAsync(cause.Row, finding, first, cause.Truth);
        lock (Measured) Measured.Add((cause, (string)first["cause"]!, (double)finding["duration_ms"]!));
        if (cause.Once) return;
        var (second, problem) = await FailAsync(cause);
        FirstHint.Assert(cause.Row, second);
        FirstHint.AssertPage(cause.Row, problem, (await FailAsync(cause, "text/html")).Body);
    }

    private async Task StartNodeAsync()
    {
        await Lab.SetAsync("-l", "nft add table inet race && nft 'add chain inet race output { type filter hook output priority 0; }' && nft 'add rule inet race output tcp sport 8200 tcp flags & fin == fin drop'");
        // With a field of its own, Node tells nobody how long it keeps connections.
        var script = _folder.Write("app.js", $"const s = require('http').createServer((q, r) => {{ q.resume(); r.setHeader('Connection', 'keep-alive'); r.end('hello'); }}); s.keepAliveTimeout = 500; s.listen(8200, '{ProbeLab.OnLink}', () => console.log('listening'));");
        var node = await ServerProcess.StartAsync("ip", ["netns", "exec", Lab.NameOf("-l"), Programs.Require("node"), script], _folder.Path, "listening");
        _started.Add(node);
    }

    private async Task StartGatewayAsync()
    {
        var (routes, clusters) = (new JsonObject(), new JsonObject());
        foreach (var cause in NetworkCauses.All.Append(Coincidence))
        {
            var id = IdOf(cause);
            routes[id] = new JsonObject { ["ClusterId"] = id, ["Match"] = new JsonObject { ["Path"] = $"/{id}/{{**rest}}" } };
            clusters[id] = new JsonObject { ["Destinations"] = new JsonObject { ["app1"] = new JsonObject { ["Address"] = cause.Address } } };
        }

        var socket = _folder.PathOf("gate.sock");
        var config = new JsonObject
        {
            ["ProxyGate"] = new JsonObject
            {
                ["Listen"] = new JsonArray($"http://unix:{socket}"),
                ["Admin"] = new JsonObject { ["Listen"] = "http://127.0.0.1:0" },
                ["Events"] = new JsonObject { ["File"] = "logs/events.jsonl" },
                ["Timeouts"] = new JsonObject { ["Dns"] = "1s", ["Connect"] = "1500ms", ["FirstByte"] = "1500ms" },
                ["Retries"] = new JsonObject { ["Attempts"] = 1 },
                ["CircuitBreaker"] = new JsonObject { ["Enabled"] = false },
            },
            ["ReverseProxy"] = new JsonObject { ["Routes"] = routes, ["Clusters"] = clusters },
        };
        var file = _folder.Write("gateway/proxygate.json", config.ToJsonString());
        Gateway = await GatewayProcess.StartAsync(["run", "--config", file], Path.GetDirectoryName(file)!, ["ip", "netns", "exec", Lab.GatewayNamespace]);
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, stop) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop);
                return new NetworkStream(connection, ownsSocket: true);
            },
        })
        { BaseAddress = new Uri("http://gate"), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>Fails by a rule of the host, while a rule of this machine swallows the packets to another destination.</summary>
    internal static NetworkCause Coincidence { get; } = new("own firewall drops other packets meanwhile", $"http://{ProbeLab.OnLink}:7011", ["connect_timeout"], "firewall_drop", "likely") { Never = ["egress_rule"] };

    /// <summary>The first four are those whose ports are tried beside the others': none of them answers.</summary>
    private static string IdOf(NetworkCause cause)
    {
        var at = NetworkCauses.All.ToList().IndexOf(cause);
        return at < 0 ? "z-coincidence" : cause.Address.EndsWith(":7012", StringComparison.Ordinal) || cause.Address.EndsWith(":7013", StringComparison.Ordinal)
            || cause.Address.EndsWith(":7014", StringComparison.Ordinal) || cause.Address.EndsWith(":7016", StringComparison.Ordinal) ? $"a{at}" : $"n{at}";
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        socket.Listen();
        return socket;
    }

    private static async Task After(Task before, Func<Task> then)
    {
        await Settled(before);
        await then();
    }

    private static Task Settled(Task task) => task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);

    /// <summary>Answers each connection once and ends it.</summary>
    private sealed class SmallApp : IAsyncDisposable
    {
        private readonly Socket _listener;
        private readonly Task _serving;

        public SmallApp(Socket listener) => (_listener, _serving) = (listener, ServeAsync(listener));

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _serving;
        }

        private static async Task ServeAsync(Socket listener)
        {
            try
            {
                while (true) _ = AnswerAsync(await listener.AcceptAsync());
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The stand is taken down.
            }
        }

        private static async Task AnswerAsync(Socket connection)
        {
            using (connection)
            {
                try
                {
                    await connection.ReceiveAsync(new byte[8192]);
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"u8.ToArray());
                    connection.Shutdown(SocketShutdown.Send);
                    await connection.ReceiveAsync(new byte[8192]);
                }
                catch (SocketException)
                {
                    // Its other end has gone.
                }
            }
        }
    }
}
