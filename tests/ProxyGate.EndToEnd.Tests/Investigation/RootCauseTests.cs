using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>
/// Real faults behind the built gateway: the finding that follows the first failure, and the event and page of the next, must name the
/// root cause first, as sure as the evidence allows and no surer; its evidence must be true, and what it says to do must help.
/// </summary>
public sealed class RootCauseTests(RootCauseTable table)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Faults => [.. RootCauses.All.Select(r => r.Fault)];

    [Theory, MemberData(nameof(Faults))]
    public async Task The_root_cause_is_named_first(string fault)
    {
        var row = RootCauses.All.Single(r => r.Fault == fault);
        using var folder = new TestFolder();
        await using var scene = await row.Arrange(folder);
        await using var gateway = await GatewayInFront.StartAsync(folder, scene.Upstream, GatewayInFront.OnceEach + scene.Change, scene.RunUnder);
        if (scene.Break is { } breakIt)
        {
            using var well = await gateway.Client.GetAsync("/", Stop);
            Assert.Equal(HttpStatusCode.OK, well.StatusCode);
            await breakIt();
        }

        var first = await FirstFailureAsync(gateway, scene);
        Assert.True(row.Causes.Contains((string?)first["cause"]), $"Expected {string.Join(" or ", row.Causes)}: {first}");
        var finding = await gateway.Process.WaitForEventAsync(e => (string?)e["schema"] == "proxygate.finding/1" && (string?)e["failure"] == (string?)first["id"], $"finding for {first}", Stop);
        await FirstHint.AssertFindingAsync(row, finding, first, scene.Truth());
        await Steps.ConfirmAsync(FirstHint.Try(finding));

        var (second, _, problem) = await gateway.FailAsync(Stop);
        var later = row with { Confidence = row.Later ?? row.Confidence };
        FirstHint.Assert(later, second);

        // An answer of the app's own is passed on as it is, and has no page of ours.
        if (problem.StartsWith('{')) FirstHint.AssertPage(later, problem, await PageAsync(gateway));
        table.Add(row.Fault, (string)first["cause"]!, row.Refined, (string)finding["hints"]![0]!["id"]!, row.Confidence, (double)finding["duration_ms"]!);
        if (scene.Mend is { } mend)
        {
            await mend(gateway, FirstHint.Try(second));
            await AnswersAsync(gateway);
        }

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

    private static async Task<string> PageAsync(GatewayInFront gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page");
        request.Headers.Accept.ParseAdd("text/html");
        using var response = await gateway.Client.SendAsync(request, Stop);
        return await response.Content.ReadAsStringAsync(Stop);
    }

    /// <summary>The gateway needs a moment for a changed file, and an app for its start.</summary>
    private static async Task AnswersAsync(GatewayInFront gateway)
    {
        for (var i = 0; i < 100; i++)
        {
            using var response = await gateway.Client.GetAsync("/", Stop);
            if (response.StatusCode == HttpStatusCode.OK) return;
            await Task.Delay(100, Stop);
        }

        Assert.Fail("What the hint says to do did not help.");
    }
}
