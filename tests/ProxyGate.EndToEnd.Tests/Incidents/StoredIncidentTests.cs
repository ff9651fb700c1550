using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Tests.Events;
using ProxyGate.Tests.Incidents;
using EchoApp = ProxyGate.EndToEnd.Tests.Support.EchoApp;

namespace ProxyGate.EndToEnd.Tests.Incidents;

/// <summary>Incidents through the built program: stored, gone on with, shared, told.</summary>
public sealed class StoredIncidentTests : IClassFixture<PostgresServer>, IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly DeadPort _nobody = new();
    private readonly PostgresServer _server;

    public StoredIncidentTests(PostgresServer server) => _server = server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        _nobody.Dispose();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Killed_in_the_middle_of_a_storm_it_has_what_it_had_shown_and_goes_on_with_the_same_incident(string store)
    {
        var file = Config("one", database: store == "postgres" ? await _server.NewDatabaseAsync() : null);
        long shown;
        await using (var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);
            var storm = Storm.SendAsync(gateway.Address, int.MaxValue, 16, over.Token);
            shown = (long)(await IncidentAsync(file, i => (long)i["count"]! > 500))["count"]!;
            gateway.Signal(9);
            await over.CancelAsync();
            await storm;
        }

        var after = await IncidentAsync(file, _ => true);
        Assert.InRange((long)after["count"]!, shown, long.MaxValue);
        Assert.Equal("open", (string?)after["status"]);

        await using var next = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        Assert.Equal(100, await Storm.SendAsync(next.Address, 100, 4, Stop));
        var gone = await IncidentAsync(file, i => (long)i["count"]! == (long)after["count"]! + 100);
        Assert.Equal(((string?)after["id"], (string?)after["first_seen"], (string?)after["gateway"]), ((string?)gone["id"], (string?)gone["first_seen"], (string?)gone["gateway"]));
    }

    [Fact]
    public async Task A_storm_is_counted_to_the_last_failure_and_its_lines_are_few_and_say_what_they_stand_for()
    {
        const int Requests = 4000;
        var file = Config("one");
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);

        Assert.Equal(Requests, await Storm.SendAsync(gateway.Address, Requests, 32, Stop));

        var incident = await IncidentAsync(file, i => (long)i["count"]! == Requests);
        var whole = JsonNode.Parse((await RunAsync(0, "incidents", (string)incident["id"]!, "--json", "--config", file)))!;
        Assert.Equal(Requests, whole["per_minute"]!.AsArray().Sum(m => (long)m!["count"]!));
        Assert.Equal(Requests, whole["paths"]!["known"]!.AsArray().Sum(p => (long)p!["count"]!));
        Assert.True((long)whole["not_kept"]! > 0);
        using var client = new HttpClient();
        Assert.Matches($@"(?m)^proxygate_failures_total\{{[^}}]*cause=""connect_refused""[^}}]*\}} {Requests}\b", await client.GetStringAsync(new Uri(gateway.Admin, "/metrics"), Stop));

        Assert.Equal(0, await gateway.StopAsync());
        var lines = (await gateway.LinesAsync(Stop)).Where(l => l.Contains("proxygate.failure/1", StringComparison.Ordinal)).ToList();
        Assert.Equal(Requests, lines.Sum(l => (long)JsonNode.Parse(l)!["occurrences"]!));
        Assert.InRange(lines.Count, 20, Requests / 4);
        foreach (var line in lines.TakeLast(3)) await EventLineSchema.AssertValidFailureAsync(line);
        Assert.Contains($"connect_refused  ", await RunAsync(0, "events", "--config", file), StringComparison.Ordinal);
        Assert.Matches($@"(?m)^connect_refused +{Requests} ", await RunAsync(0, "events", "--config", file));
    }

    [Fact]
    public async Task The_id_a_visitor_reads_out_in_a_storm_is_found_though_it_has_no_line()
    {
        var file = Config("one");
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        using var client = new HttpClient();
        var ids = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            using var answer = await client.GetAsync(gateway.Address, Stop);
            ids.Add(answer.Headers.GetValues("ProxyGate-Failure").Single());
        }

        await EventuallyAsync(async () => (await client.GetAsync(new Uri(gateway.Admin, $"/api/failures/{ids[^1]}"), Stop)).IsSuccessStatusCode);
        Assert.Equal(0, await gateway.StopAsync());
        var lines = (await gateway.LinesAsync(Stop)).Where(l => l.Contains("proxygate.failure/1", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l)!).ToDictionary(l => (string)l["id"]!);
        var folded = ids.First(id => !lines.ContainsKey(id));

        var whole = await RunAsync(0, "events", "--id", folded, "--config", file);
        Assert.Contains($"{folded} came in a storm and has no record of its own", whole, StringComparison.Ordinal);
        Assert.Contains("The attempts", whole, StringComparison.Ordinal);
        var (code, line, note) = await GatewayProcess.RunAsync(["events", "--id", folded, "--json", "--config", file]);
        Assert.Equal((0, true), (code, lines.ContainsKey((string)JsonNode.Parse(line)!["id"]!)));
        await EventLineSchema.AssertValidFailureAsync(line.TrimEnd());
        Assert.Contains(folded, note, StringComparison.Ordinal);
        Assert.Contains($"{folded} came in a storm", await RunAsync(0, "incidents", folded, "--config", file), StringComparison.Ordinal);
        Assert.Contains("--config FILE", (await GatewayProcess.RunAsync(["events", "--id", folded, "--file", _folder.PathOf("logs/events.jsonl")])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recovery_is_an_event_with_the_downtime_and_the_incident_is_closed()
    {
        await using var app = new EchoApp();
        var file = Config("one", upstream: app.Address);
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        await AnswerAsync(gateway, 200);
        await app.StopAsync();
        for (var i = 0; i < 4; i++) await AnswerAsync(gateway, 502);
        app.Start();
        await AnswerAsync(gateway, 200);

        var recovery = await gateway.WaitForEventAsync(e => (string?)e["schema"] == "proxygate.recovery/1" && (string?)e["cause"] == "connect_refused", "recovery", Stop);

        await EventLineSchema.AssertValidRecoveryAsync(recovery.ToJsonString());
        // The first request may still meet the end of a connection that was open: that is another cause, and another incident.
        var refused = (await gateway.LinesAsync(Stop)).Select(l => JsonNode.Parse(l)!).Count(e => (string?)e["schema"] == "proxygate.failure/1" && (string?)e["cause"] == "connect_refused");
        Assert.InRange(refused, 3, 4);
        Assert.Equal((refused, (long)refused, 0), ((int)recovery["failures"]!, (long)recovery["count"]!, (int)recovery["flaps"]!));
        Assert.InRange((long)recovery["downtime_ms"]!, 0, 60_000);
        var incident = await IncidentAsync(file, i => (string?)i["status"] == "recovered");
        Assert.Equal((string?)recovery["incident"], (string?)incident["id"]);
        Assert.NotNull((string?)incident["last_success"]);
    }

    [Fact]
    public async Task Two_gateways_on_one_file_count_apart_and_each_shows_both()
    {
        var (one, two) = (Config("one"), Config("two"));
        await using var first = await GatewayProcess.StartAsync(["run", "--config", one], _folder.Path);
        await using var second = await GatewayProcess.StartAsync(["run", "--config", two], _folder.Path);
        var storms = await Task.WhenAll(Storm.SendAsync(first.Address, 700, 8, Stop), Storm.SendAsync(second.Address, 500, 8, Stop));
        Assert.Equal([700, 500], storms);
        await BothAsync(one, first, second);
    }

    [Fact]
    public async Task Two_gateways_on_one_server_count_apart_and_each_shows_both()
    {
        var database = await _server.NewDatabaseAsync();
        var (one, two) = (Config("one", database: database), Config("two", database: database));
        await using var first = await GatewayProcess.StartAsync(["run", "--config", one], _folder.Path);
        await using var second = await GatewayProcess.StartAsync(["run", "--config", two], _folder.Path);
        var storms = await Task.WhenAll(Storm.SendAsync(first.Address, 700, 8, Stop), Storm.SendAsync(second.Address, 500, 8, Stop));
        Assert.Equal([700, 500], storms);
        await BothAsync(one, first, second);
    }

    [Fact]
    public async Task Where_no_folder_can_be_made_it_serves_says_so_once_and_leaves_nothing_behind()
    {
        // Nobody can write there, root neither.
        await using var gateway = await GatewayProcess.StartAsync(
            ["run", "--to", _nobody.Url, "--listen", "http://127.0.0.1:0"], "/sys",
            environment: new Dictionary<string, string> { ["ProxyGate__Admin__Listen"] = "http://127.0.0.1:0", ["ProxyGate__CircuitBreaker__Enabled"] = "false" });
        Assert.Equal(50, await Storm.SendAsync(gateway.Address, 50, 4, Stop));
        using var client = new HttpClient();
        await EventuallyAsync(async () => (await client.GetStringAsync(new Uri(gateway.Admin, "/api/incidents"), Stop)).Contains("connect_refused", StringComparison.Ordinal));
        Assert.Single(gateway.Output.Split('\n'), l => l.Contains("Incidents are kept in memory only", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_webhook_is_told_that_it_opened_and_that_it_recovered()
    {
        const string Secret = "a secret nobody guesses";
        using var receiver = new WebhookReceiver();
        await using var app = new EchoApp();
        var file = Config("one", upstream: app.Address, incidents: i => i["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = receiver.Url, ["Secret"] = Secret }));
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        await app.StopAsync();
        await AnswerAsync(gateway, 502);
        app.Start();
        await AnswerAsync(gateway, 200);

        foreach (var moment in (string[])["opened", "recovered"])
        {
            var (body, signature) = await receiver.NextAsync(Stop);
            await EventLineSchema.AssertValidIncidentAsync(body);
            Assert.Equal(moment, (string?)JsonNode.Parse(body)!["moment"]);
            var parts = signature.Split(',').Select(p => p.Split('=')[1]).ToArray();
            Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts[0]}.{body}"))), parts[1]);
        }
    }

    [Fact]
    public async Task A_webhook_that_is_away_when_the_gateway_stops_is_told_at_the_next_start()
    {
        using var receiver = new WebhookReceiver { IsAway = true };
        var file = Config("one", incidents: i => i["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = receiver.Url, ["Secret"] = "a secret nobody guesses" }));
        await using (var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path))
        {
            await AnswerAsync(gateway, 502);
            await EventuallyAsync(() => Task.FromResult(receiver.Refused > 0));
            Assert.Equal(0, await gateway.StopAsync());
            Assert.Contains("could not be delivered before the stop: 1. They are stored", gateway.Output, StringComparison.Ordinal);
        }

        receiver.IsAway = false;
        await using var next = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        var (body, _) = await receiver.NextAsync(Stop);
        await EventLineSchema.AssertValidIncidentAsync(body);
        Assert.Equal("opened", (string?)JsonNode.Parse(body)!["moment"]);
        Assert.Equal(0, await next.StopAsync());
        Assert.DoesNotContain("could not be delivered", next.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_store_a_message_that_cannot_be_delivered_is_lost_at_the_stop_and_that_is_said()
    {
        using var receiver = new WebhookReceiver { IsAway = true };
        var file = Config("one", incidents: i =>
        {
            i["Store"] = "memory";
            i["Webhooks"] = new JsonArray(new JsonObject { ["Url"] = receiver.Url, ["Secret"] = "a secret nobody guesses" });
        });
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder.Path);
        await AnswerAsync(gateway, 502);
        await EventuallyAsync(() => Task.FromResult(receiver.Refused > 0));
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Contains("are lost: 1. Incidents are kept in memory only.", gateway.Output, StringComparison.Ordinal);
    }

    private static async Task BothAsync(string config, params GatewayProcess[] gateways)
    {
        await EventuallyAsync(async () => Counts(await ListAsync(config)) is [500, 700]);
        Assert.Equal(2, (await ListAsync(config)).Select(i => (string?)i["gateway"]).Distinct().Count());
        using var client = new HttpClient();
        foreach (var gateway in gateways)
        {
            var api = JsonNode.Parse(await client.GetStringAsync(new Uri(gateway.Admin, "/api/incidents"), Stop))!["incidents"]!.AsArray();
            Assert.Equal([500, 700], Counts([.. api.Select(i => i!.AsObject())]));
        }
    }

    private static long[] Counts(IEnumerable<JsonObject> incidents) => [.. incidents.Select(i => (long)i["count"]!).Order()];

    private static async Task AnswerAsync(GatewayProcess gateway, int status)
    {
        using var client = new HttpClient();
        using var response = await client.GetAsync(gateway.Address, Stop);
        Assert.Equal(status, (int)response.StatusCode);
    }

    private static async Task<List<JsonObject>> ListAsync(string config) =>
        [.. (await RunAsync(0, "incidents", "--json", "--config", config)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject())];

    private static async Task<JsonObject> IncidentAsync(string config, Func<JsonObject, bool> match)
    {
        JsonObject? found = null;
        await EventuallyAsync(async () =>
        {
            // At first there is no file yet.
            var (code, output, _) = await GatewayProcess.RunAsync(["incidents", "--json", "--config", config]);
            found = code != 0 ? null : output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!.AsObject()).FirstOrDefault(match);
            return found is not null;
        });
        return found!;
    }

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        var (code, output, error) = await GatewayProcess.RunAsync(arguments);
        Assert.True(code == expected, $"{code}: {output}{error}");
        return output;
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(45); !await condition(); await Task.Delay(100, Stop)) Assert.True(DateTime.UtcNow < deadline, "It did not become so in time.");
    }

    private string Config(string name, string? upstream = null, string? database = null, Action<JsonObject>? incidents = null)
    {
        var kept = database is null ? new JsonObject { ["File"] = _folder.PathOf("data/incidents.db") } : new JsonObject { ["Store"] = "postgres", ["ConnectionString"] = database };
        incidents?.Invoke(kept);
        return _folder.Write($"{name}.json", GatewayInFront.Config(upstream ?? _nobody.Url, config =>
        {
            config["ProxyGate"]!["Incidents"] = kept;
            config["ProxyGate"]!["Timeouts"] = new JsonObject { ["Connect"] = "60s" }; // a refusal is one however busy the machine is
            config["ProxyGate"]!["CircuitBreaker"] = new JsonObject { ["Enabled"] = false }; // and every request meets it
            config["ProxyGate"]!["Events"] = new JsonObject { ["File"] = "logs/events.jsonl" };
        }));
    }
}
