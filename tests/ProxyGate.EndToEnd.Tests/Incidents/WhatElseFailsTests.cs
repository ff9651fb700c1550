using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.RealClients;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;
using EchoApp = ProxyGate.EndToEnd.Tests.Support.EchoApp;

namespace ProxyGate.EndToEnd.Tests.Incidents;

/// <summary>Since when, how often, what else fails, and which line says so: on the answer and in the event alike, through the built program.</summary>
public sealed class WhatElseFailsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_of_two_destinations_is_killed_and_the_page_says_that_the_other_answers()
    {
        await using EchoApp first = new(), second = new();
        using var folder = new TestFolder();
        await using var gateway = await StartAsync(folder, first, second);
        var started = DateTimeOffset.UtcNow;
        await AnswersAsync(gateway, "/one/basket");
        await AnswersAsync(gateway, "/two/basket");
        var both = DateTimeOffset.UtcNow;
        await first.StopAsync();

        var once = await RoundAsync(gateway, "/one/basket?secret=1");
        var twice = await RoundAsync(gateway, "/one/other");

        Assert.Equal((1, 2), ((int)once["count"]!, (int)twice["count"]!));
        Assert.Equal((string?)once["since"], (string?)twice["since"]);
        Assert.InRange(Time(once["since"]), both.AddSeconds(-1), DateTimeOffset.UtcNow);
        // A success is noted once its answer is out, a moment after the client has it.
        Assert.InRange(Time(once["last_success"]), started.AddSeconds(-1), both.AddSeconds(5));
        Assert.InRange(Time(once["gateway_started"]), started.AddMinutes(-1), Time(once["last_success"]));
        Assert.Equal("/one/{**rest}", (string?)once["route_match"]);
        Assert.Equal(Line(folder, "\"one\": {"), (string?)once["route_source"]);
        Assert.Equal(Line(folder, first.Address), (string?)once["destination_source"]);
        Assert.Equal(["/one/basket", "/one/other"], Strings(twice["paths"]));
        // The connection failed: that is no matter of paths.
        Assert.False((bool)twice["other_paths_answer"]!);
        Assert.Empty(Strings(twice["other_failing_routes"]));
        var neighbour = Assert.Single(twice["neighbours"]!.AsArray())!;
        Assert.Equal(("app2", null), ((string?)neighbour["destination"], (string?)neighbour["failing_with"]));
        Assert.InRange(Time(neighbour["last_success"]), both.AddSeconds(-1), DateTimeOffset.UtcNow);

        await RoundAsync(gateway, "/two/basket");
        Assert.Equal(["two"], Strings((await RoundAsync(gateway, "/one/basket"))["other_failing_routes"]));

        await second.StopAsync();
        await FailsAsync(gateway, "/one/basket");
        await FailsAsync(gateway, "/one/basket");
        var last = await FailsAsync(gateway, "/one/basket");
        Assert.Equal("connect_refused", (string?)last["neighbours"]![0]!["failing_with"]);
    }

    [Fact]
    public async Task One_path_fails_and_the_page_says_that_the_others_answer()
    {
        await using EchoApp first = new(), second = new();
        first.BrokenPath = second.BrokenPath = "/one/report";
        using var folder = new TestFolder();
        await using var gateway = await StartAsync(folder, first, second);

        Assert.False((bool)(await FailsAsync(gateway, "/one/report"))["other_paths_answer"]!);
        // One each: the destinations take turns.
        await AnswersAsync(gateway, "/one/basket");
        await AnswersAsync(gateway, "/one/basket");
        await FailsAsync(gateway, "/one/report");
        var again = await FailsAsync(gateway, "/one/report");

        Assert.Equal((true, 2), ((bool)again["other_paths_answer"]!, (int)again["count"]!));
        Assert.Equal(["/one/report"], Strings(again["paths"]));
    }

    [Fact]
    public async Task A_reload_moves_the_lines_and_the_incident_goes_on()
    {
        await using EchoApp first = new(), second = new();
        using var folder = new TestFolder();
        await using var gateway = await StartAsync(folder, first, second);
        await first.StopAsync();
        await second.StopAsync();
        var before = await FailsAsync(gateway, "/one/basket");

        var file = folder.PathOf("gateway/proxygate.json");
        await File.WriteAllTextAsync(file, "// moved down\n\n" + await File.ReadAllTextAsync(file, Stop), Stop);
        gateway.Signal(1);
        var deadline = DateTime.UtcNow.AddSeconds(15);
        JsonObject after;
        do
        {
            Assert.True(DateTime.UtcNow < deadline, "The reload was not taken over.");
            after = await FailsAsync(gateway, "/one/basket");
        }
        while ((string?)after["route_source"] == (string?)before["route_source"]);

        Assert.Equal(Line(folder, "\"one\": {"), (string?)after["route_source"]);
        Assert.Contains((string?)after["destination_source"], new[] { Line(folder, first.Address), Line(folder, second.Address) });
    }

    [Fact]
    public async Task Without_a_file_there_are_no_lines_to_name()
    {
        using var folder = new TestFolder();
        await using var gateway = await GatewayProcess.StartAsync(
            ["run", "--to", $"http://127.0.0.1:{Ports.Free()}", "--listen", "http://127.0.0.1:0"], folder.Path,
            environment: new Dictionary<string, string> { ["ProxyGate__Admin__Listen"] = "http://127.0.0.1:0" });

        var context = await FailsAsync(gateway, "/");

        Assert.Equal((null, null, null), ((string?)context["route_source"], (string?)context["route_match"], (string?)context["destination_source"]));
        Assert.Equal(1, (int)context["count"]!);
    }

    [Fact]
    public async Task The_admin_listeners_metrics_show_open_incidents_and_the_days_of_each_certificate()
    {
        await using var app = new EchoApp();
        await using var gateway = await TlsGateway.StartAsync(app.Address);
        using var client = new HttpClient();
        await app.StopAsync();
        using (await client.GetAsync(gateway.Plain, Stop))
        {
            var metrics = await MetricsAsync("} 1");
            Assert.Matches(@"(?m)^proxygate_certificate_expiry_d\w*\{[^}]*certificate=""[^""]+""[^}]*\} [0-9.]+", metrics);
        }

        app.Start();
        using (await client.GetAsync(gateway.Plain, Stop)) await MetricsAsync("} 0");

        async Task<string> MetricsAsync(string value)
        {
            for (var deadline = DateTime.UtcNow.AddSeconds(15); ; await Task.Delay(50, Stop))
            {
                var text = await client.GetStringAsync(new Uri(gateway.Process.Admin, "/metrics"), Stop);
                if (text.Split('\n').Any(l => l.StartsWith("proxygate_incidents_open", StringComparison.Ordinal) && l.Contains(value, StringComparison.Ordinal))) return text;
                Assert.True(DateTime.UtcNow < deadline, text);
            }
        }
    }

    /// <summary>Two routes to two destinations that take turns.</summary>
    private static Task<GatewayProcess> StartAsync(TestFolder folder, EchoApp first, EchoApp second)
    {
        var file = folder.Write("gateway/proxygate.json", $$"""
            {
              "ProxyGate": { "Listen": ["http://127.0.0.1:0"], "Admin": { "Listen": "http://127.0.0.1:0" }, "Events": { "File": "logs/events.jsonl" },
                "Retries": { "Attempts": 1 }, "CircuitBreaker": { "Enabled": false } },
              "ReverseProxy": {
                "Routes": {
                  "one": { "ClusterId": "app", "Match": { "Path": "/one/{**rest}" } },
                  "two": { "ClusterId": "app", "Match": { "Path": "/two/{**rest}" } }
                },
                "Clusters": {
                  "app": {
                    "LoadBalancingPolicy": "RoundRobin",
                    "Destinations": {
                      "app1": { "Address": "{{first.Address}}" },
                      "app2": { "Address": "{{second.Address}}" }
                    }
                  }
                }
              }
            }
            """);
        return GatewayProcess.StartAsync(["run", "--config", file], Path.GetDirectoryName(file)!);
    }

    private static string Line(TestFolder folder, string text)
    {
        var lines = File.ReadAllLines(folder.PathOf("gateway/proxygate.json"));
        return $"proxygate.json:{Array.FindIndex(lines, l => l.Contains(text, StringComparison.Ordinal)) + 1}";
    }

    /// <summary>One request for each of the two destinations, of which one is gone; the context of the one that failed.</summary>
    private static async Task<JsonObject> RoundAsync(GatewayProcess gateway, string path)
    {
        using var client = new HttpClient();
        JsonObject? failed = null;
        for (var i = 0; i < 2; i++)
        {
            using var answer = await client.SendAsync(Request(gateway, path), Stop);
            if (answer.StatusCode != HttpStatusCode.OK) failed = failed is null ? await ContextAsync(gateway, answer) : throw new InvalidOperationException("Both failed.");
        }

        return failed ?? throw new InvalidOperationException("None failed.");
    }

    private static async Task AnswersAsync(GatewayProcess gateway, string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync(new Uri(gateway.Address, path), Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task<JsonObject> FailsAsync(GatewayProcess gateway, string path)
    {
        using var client = new HttpClient();
        using var answer = await client.SendAsync(Request(gateway, path), Stop);
        return await ContextAsync(gateway, answer);
    }

    private static HttpRequestMessage Request(GatewayProcess gateway, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Address, path));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/problem+json"));
        return request;
    }

    /// <summary>What answer and event must tell alike.</summary>
    private static async Task<JsonObject> ContextAsync(GatewayProcess gateway, HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        var page = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.AsObject();
        var failureEvent = await gateway.EventAsync((string)page["id"]!, Stop);
        await EventLineSchema.AssertValidFailureAsync(failureEvent.ToJsonString());
        Assert.NotNull(page["context"]?["in_words"]);
        page["context"]!.AsObject().Remove("in_words");
        Assert.True(JsonNode.DeepEquals(page["context"], failureEvent["context"]), $"{page["context"]}\n{failureEvent["context"]}");
        return failureEvent["context"]!.AsObject();
    }

    private static DateTimeOffset Time(JsonNode? node) => DateTimeOffset.Parse((string)node!, System.Globalization.CultureInfo.InvariantCulture);

    private static string[] Strings(JsonNode? node) => [.. node!.AsArray().Select(n => (string)n!)];
}
