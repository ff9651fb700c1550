using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>When there is a look, when there is none, and how long what it saw is told.</summary>
public sealed class LookLimitTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_storm_of_failures_is_looked_into_once_and_all_later_events_tell_it()
    {
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{Ports.Free()}", GatewayInFront.OnceEach);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gateway.FailAsync(Stop)));
        var finding = await FindingAsync(gateway);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => gateway.FailAsync(Stop)));
        var lines = (await gateway.Process.LinesAsync(Stop)).Select(l => JsonNode.Parse(l)!.AsObject()).ToList();
        Assert.Single(lines, l => (string?)l["schema"] == "proxygate.finding/1");
        await EventLineSchema.AssertValidFindingAsync(finding.ToJsonString());
        var first = (string?)finding["hints"]![0]!["id"];
        Assert.Contains(first, Apps.NeverThere.Split('|'));
        var later = lines.Where(l => (string?)l["schema"] == "proxygate.failure/1").TakeLast(20);
        Assert.All(later, l => Assert.Equal((first, "likely"), ((string?)l["hints"]![0]!["id"], (string?)l["hints"]![0]!["confidence"])));
    }

    [Fact]
    public async Task A_cluster_that_is_not_to_be_investigated_is_left_alone()
    {
        await using var gateway = await GatewayInFront.StartAsync(
            _folder,
            $"http://127.0.0.1:{Ports.Free()}",
            config =>
            {
                var other = $"http://127.0.0.1:{Ports.Free()}";
                config["ReverseProxy"]!["Routes"]!["other"] = new JsonObject { ["ClusterId"] = "other", ["Match"] = new JsonObject { ["Path"] = "/other/{**rest}" } };
                config["ReverseProxy"]!["Clusters"]!["other"] = new JsonObject { ["Destinations"] = new JsonObject { ["other1"] = new JsonObject { ["Address"] = other } } };
                config["ProxyGate"]!["Clusters"] = new JsonObject { ["app"] = new JsonObject { ["Investigate"] = false } };
            });
        await gateway.FailAsync(Stop);
        using (await gateway.Client.GetAsync("/other/", Stop))
        {
            // Looks begin in the order of their failures: that of the second would come after that of the first.
            Assert.Equal("other", (string?)(await FindingAsync(gateway))["cluster"]);
        }

        Assert.Single(await gateway.Process.LinesAsync(Stop), l => l.Contains("proxygate.finding/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_seen_before_the_app_came_back_is_not_said_of_a_later_failure()
    {
        var app = await Apps.PythonAsync(_folder, "self.close_connection = True", oneThread: true);
        var (port, late) = (app.Port, new Late());
        await using (late)
        {
            await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}");
            using (await gateway.Client.GetAsync("/", Stop)) await Apps.SignalAsync(app, Apps.Kill, gone: true);
            await app.DisposeAsync();
            await gateway.FailAsync(Stop);
            Assert.Equal("app_down", (string?)(await FindingAsync(gateway))["hints"]![0]!["id"]);

            late.Add(await ServerProcess.StartAsync(Programs.Require("python3"), [_folder.PathOf("app.py"), Apps.Text(port)], _folder.Path, port));
            using (var well = await gateway.Client.GetAsync("/", Stop)) Assert.Equal(HttpStatusCode.OK, well.StatusCode);
            var (failure, _, page) = await gateway.FailAsync(Stop);
            Assert.Contains((string?)failure["cause"], Apps.Ended);
            Assert.DoesNotContain(failure["hints"]!.AsArray(), h => (string?)h!["id"] is "app_down" or "crashed" or "oom_killed");
            Assert.Empty(JsonNode.Parse(page)!["findings"]!.AsArray());
        }
    }

    private static Task<JsonObject> FindingAsync(GatewayInFront gateway) =>
        gateway.Process.WaitForEventAsync(e => (string?)e["schema"] == "proxygate.finding/1", "finding", Stop);
}
