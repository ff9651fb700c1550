using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.RealClients;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>What clients see of a stop, and that nothing holds it.</summary>
public sealed class DrainTests : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_websocket_is_told_that_the_gateway_goes_away(string version)
    {
        await using var app = await RealClients.EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http1);
        using var invoker = new HttpMessageInvoker(gateway.Handler());
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("echo");
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(new UriBuilder(gateway.Secure) { Scheme = "wss", Path = "/socket" }.Uri, invoker, Stop);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Stop);
        var buffer = new byte[100];
        Assert.Equal(5, (await socket.ReceiveAsync(buffer.AsMemory(), Stop)).Count);

        gateway.Process.Signal(Terminate);
        var last = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
        Assert.Equal(WebSocketMessageType.Close, last.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", Stop);
        Assert.Equal(0, await gateway.Process.ExitedAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task A_hung_app_holds_the_stop_no_longer_than_its_limit_and_the_client_is_told_why()
    {
        await using var app = new Support.EchoApp { Mood = AppMood.Hang };
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config => config["ProxyGate"]!["Drain"] = new JsonObject { ["Limit"] = "1s" });
        var hung = gateway.Client.GetAsync(new Uri("/hung", UriKind.Relative), Stop);
        await UnderWayAsync(gateway);
        var clock = Stopwatch.StartNew();
        gateway.Process.Signal(Terminate);
        using var answer = await hung;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var failure = await gateway.EventOfPathAsync("/hung", Stop);
        Assert.Equal(("gateway_draining", "gateway"), ((string?)failure["cause"], (string?)failure["party"]));
        Assert.Equal("gateway_draining", (string?)failure["attempts"]![0]!["cause"]);
        Assert.Equal(0, await ExitAsync(gateway));
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(0.9), "It did not wait for its limit.");
        Assert.Contains("requests under way are ended, because the limit of 1s has passed", gateway.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Terminate, Terminate)]
    [InlineData(Interrupt, Interrupt)]
    [InlineData(Terminate, Interrupt)]
    public async Task A_second_signal_ends_at_once(int first, int second)
    {
        await using var app = new Support.EchoApp { Mood = AppMood.Hang };
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config => config["ProxyGate"]!["Drain"] = new JsonObject { ["Grace"] = "10m", ["Limit"] = "10m" });
        var hung = gateway.Client.GetAsync(new Uri("/hung", UriKind.Relative), Stop);
        await UnderWayAsync(gateway);
        gateway.Process.Signal(first);
        await Waiting.UntilAsync(() => Task.FromResult(gateway.Process.Output.Contains("Stopping:", StringComparison.Ordinal)), () => gateway.Process.Output, Stop);
        gateway.Process.Signal(second);
        using var answer = await hung;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(0, await ExitAsync(gateway));
        Assert.Contains("because a second signal came", gateway.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task During_the_grace_readiness_says_no_and_everything_is_served()
    {
        await using var app = await NamedApp.StartAsync("a");
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config => config["ProxyGate"]!["Drain"] = new JsonObject { ["Grace"] = "3s" });
        using var admin = new HttpClient { BaseAddress = gateway.Process.Admin };
        Assert.Equal("a /", await gateway.Client.GetStringAsync("/", Stop));
        var clock = Stopwatch.StartNew();
        gateway.Process.Signal(Terminate);
        await Waiting.UntilAsync(
            async () =>
            {
                using var ready = await admin.GetAsync(new Uri("/readyz", UriKind.Relative), Stop);
                return ready.StatusCode == HttpStatusCode.ServiceUnavailable && (await ready.Content.ReadAsStringAsync(Stop)).Contains("draining", StringComparison.Ordinal);
            },
            () => "It says that it is ready.", Stop);
        using var fresh = new StrictClient(gateway.Process.Address.Port);
        var served = 0;
        while (clock.Elapsed < TimeSpan.FromSeconds(2))
        {
            var (body, trouble) = await fresh.GetAsync("/still", Stop);
            Assert.Equal(("a /still", null), (body, trouble));
            Assert.Equal(1, fresh.Connections);
            served++;
        }

        Assert.True(served > 0);
        Assert.Equal(0, await ExitAsync(gateway));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    private static Task UnderWayAsync(GatewayInFront gateway)
    {
        var admin = new HttpClient { BaseAddress = gateway.Process.Admin };
        return Waiting.UntilAsync(
            async () => (await admin.GetStringAsync("/metrics", Stop)).Split('\n').Any(l => l.StartsWith("proxygate_requests_active", StringComparison.Ordinal) && l.TrimEnd().EndsWith("} 1", StringComparison.Ordinal)),
            () => "The request did not begin.", Stop);
    }

    /// <summary>Waits without another signal, which would be the second.</summary>
    private static async Task<int> ExitAsync(GatewayInFront gateway) => await gateway.Process.ExitedAsync(TimeSpan.FromSeconds(30));
}
