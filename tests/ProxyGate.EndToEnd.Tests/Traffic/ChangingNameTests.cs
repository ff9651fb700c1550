using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Investigation.Tests.Probing.Names;
using ProxyGate.Investigation.Tests.Probing.Network;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>A destination's name that leads nowhere, then to two addresses, then to a third, seen by a gateway that is never restarted.</summary>
public sealed class ChangingNameTests : IAsyncLifetime
{
    private const int Port = 8300;

    /// <summary>Longer than an answer is kept whose server, on a busy machine, was not heard in time: half a minute.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(75);

    private readonly TestFolder _folder = new();
    private readonly ProbeLab _lab = new();
    private readonly List<IAsyncDisposable> _started = [];
    private GatewayProcess? _gateway;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string ResolverFolder => Path.Combine("/etc/netns", _lab.GatewayNamespace);

    public ValueTask InitializeAsync() => ProbeLab.ImpossibleBecause() is null ? _lab.InitializeAsync() : default;

    public async ValueTask DisposeAsync()
    {
        foreach (var one in Enumerable.Reverse(_started)) await one.DisposeAsync();
        await _lab.DisposeAsync();
        if (Directory.Exists(ResolverFolder)) Directory.Delete(ResolverFolder, recursive: true);
        _folder.Dispose();
    }

    [Fact]
    public async Task A_name_may_come_and_go_and_its_addresses_are_the_destinations()
    {
        Assert.SkipWhen(ProbeLab.ImpossibleBecause() is not null, ProbeLab.ImpossibleBecause() ?? "");
        Directory.CreateDirectory(ResolverFolder);
        await File.WriteAllTextAsync(Path.Combine(ResolverFolder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:2 attempts:1\n", Stop);
        var names = Started(await _lab.AtAsync("-g", () => new FaultyNameServer("127.0.0.1", 53) { Keep = 1, Apps = [] }));
        foreach (var address in (string[])["127.0.0.2", "127.0.0.3", "127.0.0.4"]) Started(new AddressedApp(await _lab.AtAsync("-g", () => AddressedApp.Listen(address, Port))));

        // It starts all the same, says what is wrong, and so does the answer.
        var gateway = _gateway = Started(await StartAsync());
        using var client = Client();
        await UntilAsync(() => Task.FromResult(gateway.Output.Contains("app.lab.test", StringComparison.Ordinal)), "a word about the name");
        Assert.Contains("dns_not_found", gateway.Output, StringComparison.Ordinal);
        using (var unknown = await client.GetAsync(new Uri("/early", UriKind.Relative), Stop)) Assert.Equal(HttpStatusCode.BadGateway, unknown.StatusCode);
        var failure = await gateway.WaitForEventAsync(e => (string?)e["client"]?["path"] == "/early", "event of /early", Stop);
        Assert.Equal(("dns_not_found", "dns", "gateway"), ((string?)failure["cause"], (string?)failure["stage"], (string?)failure["party"]));

        // A request looks an unknown name up for itself; what is waited for is that the gateway knows it.
        names.Apps = ["127.0.0.2", "127.0.0.3"];
        await UntilAsync(() => Task.FromResult(gateway.Output.Contains("can be looked up again: 127.0.0.2, 127.0.0.3", StringComparison.Ordinal)), "a word about its addresses");
        await UntilAsync(async () => (await AnswersAsync(client)).SetEquals(["127.0.0.2", "127.0.0.3"]), "answers of both addresses");

        names.Apps = ["127.0.0.4"];
        await UntilAsync(() => Task.FromResult(gateway.Output.Contains("has become 127.0.0.4", StringComparison.Ordinal)), "a word about its new address");
        await UntilAsync(async () => (await AnswersAsync(client)).SetEquals(["127.0.0.4"]), "answers of the new address alone");

        // What cannot be looked up any more is used as it was known.
        names.Apps = [];
        await UntilAsync(() => Task.FromResult(gateway.Output.Contains("The last good answer is kept: 127.0.0.4", StringComparison.Ordinal)), "a word about the answer that is kept");
        Assert.Equal(["127.0.0.4"], await AnswersAsync(client));
        Assert.Empty(gateway.Troubles);
    }

    private async Task<GatewayProcess> StartAsync()
    {
        var config = new JsonObject
        {
            ["ReverseProxy"] = new JsonObject
            {
                ["Routes"] = new JsonObject { ["all"] = new JsonObject { ["ClusterId"] = "app", ["Match"] = new JsonObject { ["Path"] = "/{**rest}" } } },
                ["Clusters"] = new JsonObject
                {
                    ["app"] = new JsonObject
                    {
                        ["LoadBalancingPolicy"] = "RoundRobin",
                        ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = $"http://app.lab.test:{Port}" } },
                    },
                },
            },
            ["ProxyGate"] = new JsonObject
            {
                ["Listen"] = new JsonArray($"http://unix:{_folder.PathOf("gate.sock")}"),
                ["Admin"] = new JsonObject { ["Listen"] = "http://127.0.0.1:0" },
                ["Clusters"] = new JsonObject { ["app"] = new JsonObject { ["Resolve"] = "all", ["CircuitBreaker"] = new JsonObject { ["Enabled"] = false } } },
            },
        };
        var file = _folder.Write("proxygate.json", config.ToJsonString());
        return await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path, ["ip", "netns", "exec", _lab.GatewayNamespace]);
    }

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, stop) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await connection.ConnectAsync(new UnixDomainSocketEndPoint(_folder.PathOf("gate.sock")), stop);
            return new NetworkStream(connection, ownsSocket: true);
        },
    })
    { BaseAddress = new Uri("http://gate"), Timeout = Limit };

    /// <summary>Who answers eight requests in a row; empty when one was not answered by an app.</summary>
    private static async Task<HashSet<string>> AnswersAsync(HttpClient client)
    {
        var answers = new HashSet<string>();
        for (var i = 0; i < 8; i++)
        {
            using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Stop);
            if (!answer.IsSuccessStatusCode) return [];
            answers.Add(await answer.Content.ReadAsStringAsync(Stop));
        }

        return answers;
    }

    private async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.True(clock.Elapsed < Limit, $"There was no {what} within {Limit}. The gateway said:\n{_gateway?.Output}");
            await Task.Delay(50, Stop);
        }
    }

    private T Started<T>(T one)
        where T : IAsyncDisposable
    {
        _started.Add(one);
        return one;
    }

    /// <summary>Answers each request with its own address, and closes.</summary>
    private sealed class AddressedApp : IAsyncDisposable
    {
        private readonly Socket _listener;
        private readonly Task _serving;

        public AddressedApp(Socket listener) => (_listener, _serving) = (listener, ServeAsync(listener));

        public static Socket Listen(string address, int port)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
            socket.Listen();
            return socket;
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _serving;
        }

        private static async Task ServeAsync(Socket listener)
        {
            var own = ((IPEndPoint)listener.LocalEndPoint!).Address.ToString();
            try
            {
                while (true) _ = AnswerAsync(await listener.AcceptAsync(), own);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task AnswerAsync(Socket connection, string own)
        {
            using (connection)
            {
                try
                {
                    // Nothing: the gateway only had a look.
                    if (await connection.ReceiveAsync(new byte[8192]) == 0) return;
                    await connection.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {own.Length}\r\nConnection: close\r\n\r\n{own}"));
                    connection.Shutdown(SocketShutdown.Send);
                }
                catch (SocketException)
                {
                    // The gateway left first.
                }
            }
        }
    }
}
