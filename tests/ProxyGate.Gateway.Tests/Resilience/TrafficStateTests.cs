using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Resilience;
using ProxyGate.Gateway.Tests.Forwarding;
using Yarp.ReverseProxy;

namespace ProxyGate.Gateway.Tests.Resilience;

/// <summary>What can be asked about every destination at any time.</summary>
public class TrafficStateTests
{
    private static readonly GatewaySettings Settings = ForwardingHarness.Short();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_circuit_is_shown_as_open_from_its_last_failure_until_its_trial()
    {
        await using var dead = new RefusingPort();
        await using var alive = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", close: false);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, dead.Url, alive.Url);
        var changes = new List<string>();
        gateway.Services.GetRequiredService<ClusterGuards>().CircuitChanged += (cluster, destination, open) =>
        {
            lock (changes) changes.Add($"{cluster} {destination} {open}");
        };
        Assert.Equal(["d1 False 0", "d2 False 0"], Traffic(gateway));

        for (var i = 0; i < 5; i++) await gateway.Client.GetStringAsync("/", Ct);
        Assert.Equal(["d1 True 0", "d2 False 0"], Traffic(gateway));

        dead.Recover();
        for (var i = 0; i < 1000 && Traffic(gateway)[0] != "d1 False 0"; i++)
        {
            await gateway.Client.GetStringAsync("/", Ct);
            await Task.Delay(5, Ct);
        }

        Assert.Equal(["d1 False 0", "d2 False 0"], Traffic(gateway));
        Assert.Equal(["app d1 True", "app d1 False"], changes);
    }

    [Fact]
    public async Task Those_who_wait_for_their_turn_are_counted()
    {
        using var release = new SemaphoreSlim(0);
        await using var app = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                await release.WaitAsync(c.Stop);
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        var limit = new ConcurrencySettings { MaxPerDestination = 1, Queue = 5, QueueTime = TimeSpan.FromSeconds(20), QueueTarget = TimeSpan.FromSeconds(20) };
        await using var gateway = await ResilienceHarness.StartAsync(Settings with { Timeouts = new TimeoutSettings(), Concurrency = limit }, app.Url);
        var three = Enumerable.Range(0, 3).Select(_ => gateway.Client.GetStringAsync("/", Ct)).ToArray();
        await gateway.GateOfAsync("d1", underWay: 1, waiting: 2);

        Assert.Equal(["d1 False 2"], Traffic(gateway));

        release.Release(3);
        await Task.WhenAll(three);
        await gateway.GateOfAsync("d1", underWay: 0, waiting: 0);
        Assert.Equal(["d1 False 0"], Traffic(gateway));
    }

    private static List<string> Traffic(ResilienceHarness gateway) =>
        [.. gateway.Services.GetRequiredService<ClusterGuards>().Traffic(gateway.Services.GetRequiredService<IProxyStateLookup>().GetClusters())
            .OrderBy(d => d.Destination, StringComparer.Ordinal).Select(d => $"{d.Destination} {d.CircuitOpen} {d.Waiting}")];
}
