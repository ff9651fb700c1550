using System.Diagnostics;
using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Tests.Forwarding;

namespace ProxyGate.Gateway.Tests.Resilience;

public class CircuitTests
{
    private static readonly GatewaySettings Settings = ForwardingHarness.Short();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_destination_that_refuses_is_left_alone_after_a_handful_and_back_within_a_second_of_its_return()
    {
        await using var app = new RefusingPort();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, app.Url);

        // The first failures are the destination's own.
        for (var i = 0; i < 5; i++)
        {
            using var refused = await gateway.Client.GetAsync("/", Ct);
            Assert.Equal("d1 ConnectFailed", await gateway.NextAttemptsAsync());
        }

        for (var i = 0; i < 20; i++)
        {
            using var turnedAway = await gateway.Client.GetAsync("/", Ct);
            var (record, facts) = await gateway.NextAsync();
            Assert.Empty(facts);
            Assert.Equal((GatewayDecision.CircuitOpen, "d1", 1), (record.Decision, record.OpenCircuit!.Destination, record.OpenCircuit.Destinations));
            Assert.InRange(record.OpenCircuit.RetryInMs, 0, 1.2 * Settings.CircuitBreaker.Break.TotalMilliseconds);
        }

        app.Recover();
        var clock = Stopwatch.StartNew();
        var answered = 0;
        while (answered < 10 && clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            using var response = await gateway.Client.GetAsync("/", Ct);
            answered = (await gateway.NextAsync()).Record.Decision == GatewayDecision.None ? answered + 1 : 0;
            await Task.Delay(5, Ct);
        }

        Assert.Equal(10, answered);
    }

    [Fact]
    public async Task Others_are_used_while_one_is_left_alone()
    {
        await using var dead = new RefusingPort();
        await using var alive = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close: false);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, dead.Url, alive.Url);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
            Assert.Equal("d1 ConnectFailed, d2 Answered", await gateway.NextAttemptsAsync());
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
            Assert.Equal("d2 Answered", await gateway.NextAttemptsAsync());
        }
    }

    [Fact]
    public async Task The_apps_own_errors_and_the_clients_faults_open_nothing()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", close: false);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, upstream.Url);
        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.Client.GetAsync("/", Ct);
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        }

        await using var counted = await ResilienceHarness.StartAsync(Settings with { CircuitBreaker = new CircuitBreakerSettings { OnStatus = [500] } }, upstream.Url);
        for (var i = 0; i < 6; i++)
        {
            using var response = await counted.Client.GetAsync("/", Ct);
            var (record, _) = await counted.NextAsync();
            Assert.Equal(i < 5 ? GatewayDecision.None : GatewayDecision.CircuitOpen, record.Decision);
        }
    }

    [Fact]
    public async Task One_request_at_a_time_is_the_trial_of_an_app_that_hangs()
    {
        var hangs = true;
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                if (Volatile.Read(ref hangs)) await c.HangAsync();
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        var settings = Settings with { Timeouts = Settings.Timeouts with { FirstByte = TimeSpan.FromMilliseconds(300) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, upstream.Url);
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => gateway.Client.GetAsync("/", Ct)));
        for (var i = 0; i < 5; i++) Assert.Equal("d1 TimedOut", await gateway.NextAttemptsAsync());

        // Until the next trial is due, nobody is sent there; then one is, and it alone.
        var clock = Stopwatch.StartNew();
        var trials = 0;
        var turnedAway = 0;
        while (trials == 0 && clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => gateway.Client.GetAsync("/", Ct)));
            for (var i = 0; i < 4; i++)
            {
                var (record, facts) = await gateway.NextAsync();
                if (facts.Length > 0) trials++;
                else if (record.Decision == GatewayDecision.CircuitOpen) turnedAway++;
            }
        }

        Assert.Equal(1, trials);
        Assert.True(turnedAway >= 3);

        Volatile.Write(ref hangs, false);
        clock.Restart();
        HttpResponseMessage? back = null;
        while (back?.StatusCode != HttpStatusCode.OK && clock.Elapsed < TimeSpan.FromSeconds(10)) back = await gateway.Client.GetAsync("/", Ct);
        Assert.Equal(HttpStatusCode.OK, back?.StatusCode);
    }
}
