using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>
/// Real faults behind the built gateway: the finding that follows the first failure, and the event of the second, must name the root
/// cause first, as sure as the evidence allows and no surer.
/// </summary>
public sealed class RootCauseTests(RootCauseTable table) : IClassFixture<RootCauseTable>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults => [.. RootCauses.All.Select(r => r.Fault)];

    [Theory, MemberData(nameof(Faults))]
    public async Task The_root_cause_is_named_first(string fault)
    {
        var row = RootCauses.All.Single(r => r.Fault == fault);
        using var folder = new TestFolder();
        await using var scene = await row.Arrange(folder);
        await using var gateway = await GatewayInFront.StartAsync(folder, scene.Upstream, scene.Change);
        if (scene.Break is { } breakIt)
        {
            using var well = await gateway.Client.GetAsync("/", Stop);
            Assert.Equal(HttpStatusCode.OK, well.StatusCode);
            await breakIt();
        }

        var first = await FirstFailureAsync(gateway, scene);
        Assert.Contains((string?)first["cause"], row.Causes);
        var finding = await gateway.Process.WaitForEventAsync(e => (string?)e["schema"] == "proxygate.finding/1" && (string?)e["failure"] == (string?)first["id"], $"finding for {first}", Stop);
        await EventLineSchema.AssertValidFindingAsync(finding.ToJsonString());
        Assert.Equal((string?)first["incident"], (string?)finding["incident"]);
        AssertFirstHint(row, finding);
        Assert.Equal(row.Refined, (string?)finding["refined_cause"] ?? "");

        var (second, _, _) = await gateway.FailAsync(Stop);
        AssertFirstHint(row, second);
        table.Add(row.Fault, (string)first["cause"]!, row.Refined, row.Hint, row.Confidence, (double)finding["duration_ms"]!);
        gateway.Process.AssertAlive();
        Assert.Empty(gateway.Process.Troubles);
    }

    private static async Task<JsonObject> FirstFailureAsync(GatewayInFront gateway, Scene scene)
    {
        if (scene.BreakInRequest is not { } breakIt) return (await gateway.FailAsync(Stop)).Event;
        var failing = gateway.FailAsync(Stop);
        await breakIt();
        return (await failing).Event;
    }

    private static void AssertFirstHint(RootCause row, JsonObject e)
    {
        var hints = e["hints"]!.AsArray();
        Assert.True(hints.Count > 0, $"No hint at all in {e}");
        Assert.True(row.Hint == (string?)hints[0]!["id"] && row.Confidence == (string?)hints[0]!["confidence"], $"Expected {row.Hint} ({row.Confidence}) first in {e}");
        Assert.NotEmpty(hints[0]!["evidence"]!.AsArray());
        Assert.NotEmpty(hints[0]!["try"]!.AsArray());
    }
}
