using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Tests.Forwarding;

namespace ProxyGate.Gateway.Tests.Resilience;

public class LimitTests
{
    private static readonly GatewaySettings Settings = ForwardingHarness.Short() with { Timeouts = new TimeoutSettings() };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_destination_gets_no_more_at_once_than_it_may()
    {
        using var release = new SemaphoreSlim(0);
        await using var app = Held(release);
        var settings = Settings with { Concurrency = new ConcurrencySettings { MaxPerDestination = 2, Queue = 1, QueueTime = TimeSpan.FromSeconds(20), QueueTarget = TimeSpan.FromSeconds(20) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, app.Url);
        var three = Enumerable.Range(0, 3).Select(_ => gateway.Client.GetAsync("/", Ct)).ToArray();
        var gate = await gateway.GateOfAsync("d1", underWay: 2, waiting: 1);

        using var fourth = await gateway.Client.GetAsync("/", Ct);

        var (record, facts) = await gateway.NextAsync();
        Assert.Empty(facts);
        Assert.Equal((GatewayDecision.DestinationLimitReached, "2 requests under way, 1 waiting"), (record.Decision, record.DecisionDetail));
        release.Release(3);
        foreach (var response in await Task.WhenAll(three)) Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        for (var i = 0; i < 3; i++) await gateway.NextAsync();
        Assert.Equal((0, 0), (gate.UnderWay, gate.Waiting));
    }

    [Fact]
    public async Task A_destination_that_is_full_is_passed_by_while_another_has_room()
    {
        using var release = new SemaphoreSlim(0);
        await using var full = Held(release);
        await using var free = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close: false);
        var settings = Settings with { Concurrency = new ConcurrencySettings { MaxPerDestination = 1 } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, full.Url, free.Url);
        var held = gateway.Client.GetAsync("/", Ct);
        await gateway.GateOfAsync("d1", underWay: 1, waiting: 0);

        Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));

        release.Release();
        using var done = await held;
        Assert.Equal(HttpStatusCode.OK, done.StatusCode);
    }

    [Fact]
    public async Task The_gateway_takes_on_no_more_than_it_may()
    {
        using var release = new SemaphoreSlim(0);
        await using var app = Held(release);
        await using var gateway = await ResilienceHarness.StartAsync(Settings with { Overload = new OverloadSettings { MaxRequests = 2 } }, app.Url);
        var two = Enumerable.Range(0, 2).Select(_ => gateway.Client.GetAsync("/", Ct)).ToArray();
        for (var i = 0; app.Accepted < 2 && i < 500; i++) await Task.Delay(10, Ct);

        using var third = await gateway.Client.GetAsync("/", Ct);

        Assert.Equal((GatewayDecision.Overloaded, "2 requests under way"), ((await gateway.NextAsync()).Record.Decision, "2 requests under way"));
        release.Release(2);
        await Task.WhenAll(two);
        release.Release();
        using var after = await gateway.Client.GetAsync("/", Ct);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private static ScriptedUpstream Held(SemaphoreSlim release) => new(async c =>
    {
        while (await c.ReadHeadAsync() is not null)
        {
            await release.WaitAsync(c.Stop);
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
}
