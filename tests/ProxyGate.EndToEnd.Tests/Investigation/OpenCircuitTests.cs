using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>An app that ends for good behind a gateway with its usual settings: what is known from the first refusal on, and what is known once the circuit is open.</summary>
public sealed class OpenCircuitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_is_turned_away_is_told_what_was_found_of_the_failures_before()
    {
        using var folder = new TestFolder();
        await using var app = await Apps.NodeAsync(folder, Apps.Hello);
        await using var gateway = await GatewayInFront.StartAsync(folder, $"http://127.0.0.1:{app.Port}", config => config["ProxyGate"]!["Retries"] = new JsonObject { ["Attempts"] = 1 });
        // A good answer is noted behind its last byte, which takes long the first time.
        for (var i = 0; i < 3; i++) Assert.Equal("hello", await gateway.Client.GetStringAsync("/", Stop));
        await Apps.SignalAsync(app, Apps.Kill, gone: true);

        // The very first refusal, right behind a good answer: it may be down. No more than that is known yet.
        var first = await gateway.FailsWithAsync(Stop, "connect_refused");
        var guess = Assert.Single(first["hints"]!.AsArray(), h => (string?)h!["id"] == "app_down")!;
        Assert.Equal("possible", (string?)guess["confidence"]);
        Assert.Contains(guess["evidence"]!.AsArray(), e => ((string)e!).StartsWith("It answered well until", StringComparison.Ordinal));

        var finding = await gateway.Process.WaitForEventAsync(e => (string?)e["schema"] == "proxygate.finding/1" && (string?)e["failure"] == (string?)first["id"], $"finding for {first}", Stop);
        Assert.Equal(("app_down", "proved"), ((string?)finding["hints"]![0]!["id"], (string?)finding["hints"]![0]!["confidence"]));

        var turnedAway = await TurnedAwayAsync(gateway);
        await EventLineSchema.AssertValidFailureAsync(turnedAway.ToJsonString());
        var hint = turnedAway["hints"]![0]!;
        Assert.Equal(("app_down", "proved"), ((string?)hint["id"], (string?)hint["confidence"]));
        Assert.Matches("^Found at [0-9:]{8} UTC: ", (string)hint["sentence"]!);
        var evidence = string.Join('\n', hint["evidence"]!.AsArray().Select(e => (string)e!));
        Assert.Contains($"process {app.Pid} (node) no longer exists", evidence, StringComparison.Ordinal);
        Assert.Contains($"Known from failure {turnedAway["open_circuit"]!["failure"]}", evidence, StringComparison.Ordinal);
        Assert.NotEmpty(hint["try"]!.AsArray());
        Assert.Equal((string?)first["incident"], (string?)turnedAway["incident"]);
        Assert.NotNull(turnedAway["open_circuit"]!["looked_at"]);

        // The same in every form, as often as it is asked for.
        foreach (var accept in new[] { "text/plain", "text/html", "text/markdown", "application/problem+json" })
        {
            for (var i = 0; i < 3; i++)
            {
                var told = await AskAsync(gateway, accept);
                Assert.Contains("circuit_open", told, StringComparison.Ordinal);
                Assert.Contains("no longer exists", told, StringComparison.Ordinal);
                Assert.Contains("Found at", told, StringComparison.Ordinal);
            }
        }

        Assert.Contains("Proved: Found at", await AskAsync(gateway, "text/plain"), StringComparison.Ordinal);
        gateway.Process.AssertAlive();
        Assert.Empty(gateway.Process.Troubles);
    }

    /// <summary>The first request that is sent nowhere; before it come those that open the circuit.</summary>
    private static async Task<JsonObject> TurnedAwayAsync(GatewayInFront gateway)
    {
        for (var i = 0; i < 50; i++)
        {
            var (e, status, _) = await gateway.FailAsync(Stop);
            if ((string?)e["cause"] != "circuit_open") continue;
            Assert.Equal(503, status);
            return e;
        }

        throw new TimeoutException("The circuit did not open.");
    }

    /// <summary>One answer of the open circuit; a trial in between has its own.</summary>
    private static async Task<string> AskAsync(GatewayInFront gateway, string accept)
    {
        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/again{i}");
            request.Headers.Accept.ParseAdd(accept);
            using var response = await gateway.Client.SendAsync(request, Stop);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable) return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Stop));
        }

        throw new TimeoutException("The circuit did not stay open.");
    }
}
