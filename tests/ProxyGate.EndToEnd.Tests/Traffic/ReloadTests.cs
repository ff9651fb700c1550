using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>
/// The configuration changes every 200 ms under load: routes swap their clusters, destinations come and go while requests are under way. Nothing is
/// lost, and no route ever gets the other's answer. PROXYGATE_RELOADS sets the number of changes; tests/load/reload.sh runs it for long.
/// </summary>
public sealed class ReloadTests : IDisposable
{
    private const int Hangup = 1;

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reloads_under_load_lose_nothing_and_mix_nothing_up()
    {
        var reloads = int.TryParse(Environment.GetEnvironmentVariable("PROXYGATE_RELOADS"), out var asked) ? asked : 20;
        await using var a1 = await NamedApp.StartAsync("a");
        await using var a2 = await NamedApp.StartAsync("a");
        await using var b1 = await NamedApp.StartAsync("b");
        await using var b2 = await NamedApp.StartAsync("b");
        await using var gateway = await GatewayInFront.StartAsync(_folder, a1.Address, Two([a1, a2], [b1, b2], 0));
        var file = Path.Combine(_folder.Path, "gateway", "proxygate.json");
        using var every = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await using (var load = new SteadyLoad(gateway.Process.Address.Port, 6, ("/a", "a"), ("/b", "b")))
        {
            for (var n = 1; n <= reloads; n++)
            {
                await every.WaitForNextTickAsync(Stop);
                NamedApp[] a = (n % 3) switch { 0 => [a1, a2], 1 => [a2], _ => [a1] };
                NamedApp[] b = (n % 4) switch { 0 => [b1, b2], 1 => [b2], 2 => [b2, b1], _ => [b1] };
                var next = _folder.Write("next.json", GatewayInFront.Config(a1.Address, Two(a, b, n)));
                File.Move(next, file, overwrite: true);
                gateway.Process.Signal(Hangup);
            }

            await Waiting.UntilAsync(
                () => Task.FromResult(gateway.Process.Output.Split("was taken over").Length > reloads / 2), () => $"Too few changes were taken over.\n{gateway.Process.Output}", Stop);
            await load.StopAsync();
            Assert.Empty(load.Troubles.Take(5));
            Assert.True(load.Served > reloads * 10, $"Only {load.Served} requests were served.");
        }

        Assert.Empty(await gateway.Process.LinesAsync(Stop));
        Assert.Empty(gateway.Process.Troubles);
    }

    /// <summary>Two routes; the ids of their clusters change places from one change to the next.</summary>
    private static Action<JsonObject> Two(NamedApp[] a, NamedApp[] b, int n) => config =>
    {
        var (first, second) = n % 2 == 0 ? ("app", "other") : ("other", "app");
        config["ReverseProxy"] = new JsonObject
        {
            ["Routes"] = new JsonObject
            {
                ["a"] = new JsonObject { ["ClusterId"] = first, ["Match"] = new JsonObject { ["Path"] = "/a/{**rest}" } },
                ["b"] = new JsonObject { ["ClusterId"] = second, ["Match"] = new JsonObject { ["Path"] = "/b/{**rest}" } },
            },
            ["Clusters"] = new JsonObject { [first] = Cluster(a), [second] = Cluster(b) },
        };
    };

    private static JsonObject Cluster(NamedApp[] apps)
    {
        var destinations = new JsonObject();
        for (var i = 0; i < apps.Length; i++) destinations[$"d{i}"] = new JsonObject { ["Address"] = apps[i].Address };
        return new JsonObject { ["Destinations"] = destinations };
    }
}
