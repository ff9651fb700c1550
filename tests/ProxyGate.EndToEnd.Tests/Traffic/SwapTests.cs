using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>
/// One gateway takes over from another on the same socket, under load. PROXYGATE_SWAPS sets how often; tests/load/swap.sh runs it for long.
/// </summary>
public sealed class SwapTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_process_takes_over_the_socket_without_a_lost_request()
    {
        var swaps = int.TryParse(Environment.GetEnvironmentVariable("PROXYGATE_SWAPS"), out var asked) ? asked : 3;
        await using var a = await NamedApp.StartAsync("a");
        await using var b = await NamedApp.StartAsync("b");
        await using var unit = await SocketUnit.StartAsync(Config(a, b), Stop);
        var running = await unit.StartGatewayAsync(Stop);
        await using var load = new SteadyLoad(unit.Port, 6, ("/a", "a"), ("/b", "b"));
        for (var n = 0; n < swaps; n++)
        {
            await ServedAsync(load, 50);
            var next = await unit.StartGatewayAsync(Stop);
            await unit.TerminateAsync(running);
            Assert.Equal(0, await unit.EndedAsync(running, Stop));
            running = next;
        }

        await ServedAsync(load, 50);
        await load.StopAsync();
        Assert.Empty(load.Troubles.Take(5));
        await unit.TerminateAsync(running);
        Assert.Equal(0, await unit.EndedAsync(running, Stop));
        var events = _folder.PathOf("logs/events.jsonl");
        Assert.Empty(File.Exists(events) ? await File.ReadAllLinesAsync(events, Stop) : []);
    }

    [Fact]
    public async Task Connections_wait_in_the_socket_while_no_process_serves_it()
    {
        await using var a = await NamedApp.StartAsync("a");
        await using var b = await NamedApp.StartAsync("b");
        await using var unit = await SocketUnit.StartAsync(Config(a, b), Stop);
        using var early = new StrictClient(unit.Port);
        var waiting = early.GetAsync("/a/early", Stop);
        var first = await unit.StartGatewayAsync(Stop);
        Assert.Equal(("a /a/early", null), await waiting);
        await unit.TerminateAsync(first);
        Assert.Equal(0, await unit.EndedAsync(first, Stop));

        using var between = new StrictClient(unit.Port);
        waiting = between.GetAsync("/b/between", Stop);
        await unit.StartGatewayAsync(Stop);
        Assert.Equal(("b /b/between", null), await waiting);
    }

    private static Task ServedAsync(SteadyLoad load, int more)
    {
        var until = load.Served + more;
        return Waiting.UntilAsync(() => Task.FromResult(load.Served >= until), () => $"Only {load.Served} requests were served. {load.Troubles.FirstOrDefault()}", Stop);
    }

    /// <summary>No admin listener: two gateways at once cannot have the same.</summary>
    private string Config(NamedApp a, NamedApp b) => _folder.Write("proxygate.json", GatewayInFront.Config(a.Address, config =>
    {
        config["ProxyGate"]!["Listen"] = new JsonArray("http://127.0.0.1:PORT");
        config["ProxyGate"]!["Admin"] = new JsonObject { ["Listen"] = null };
        config["ReverseProxy"] = new JsonObject
        {
            ["Routes"] = new JsonObject
            {
                ["a"] = new JsonObject { ["ClusterId"] = "a", ["Match"] = new JsonObject { ["Path"] = "/a/{**rest}" } },
                ["b"] = new JsonObject { ["ClusterId"] = "b", ["Match"] = new JsonObject { ["Path"] = "/b/{**rest}" } },
            },
            ["Clusters"] = new JsonObject
            {
                ["a"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = a.Address } } },
                ["b"] = new JsonObject { ["Destinations"] = new JsonObject { ["one"] = new JsonObject { ["Address"] = b.Address } } },
            },
        };
    }));
}
