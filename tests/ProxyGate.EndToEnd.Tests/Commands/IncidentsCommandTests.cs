using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Incidents;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate incidents</c> as a person runs it, on a store a gateway wrote and has left.</summary>
public sealed class IncidentsCommandTests(WrittenStore store) : IClassFixture<WrittenStore>
{
    [Fact]
    public async Task The_list_says_what_where_since_when_and_how_often()
    {
        var (code, output, error) = await RunAsync("incidents", "--file", store.File);
        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"(?m)^open +inc-[0-9a-z]{4}-[0-9a-z]{4} +connect_refused on route site -> app1 \(", output);
        Assert.Matches(@"(?m)^ +30 failures since \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ; the last (now|.* ago)\.$", output);
        Assert.Contains("Nothing", output, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("1 incident, 1 open.", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
    }

    [Fact]
    public async Task One_incident_is_shown_whole_by_its_own_id_or_a_failures()
    {
        var (code, output, _) = await RunAsync("incidents", store.Incident, "--file", store.File);
        Assert.Equal(0, code);
        foreach (var part in (string[])[store.Incident, "Since when, and how many", "30 failures", "Whom it meets", "/basket (30)", "127.0.0.1 (30)", "Samples", "proxygate explain connect_refused"])
            Assert.Contains(part, output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^(What it most likely is, and what to do|Look first)$", output);

        var sample = (string)JsonNode.Parse((await RunAsync("incidents", store.Incident.ToUpperInvariant(), "--json", "--file", store.File)).Output)!["samples"]![0]!["id"]!;
        Assert.StartsWith(store.Incident, (await RunAsync("incidents", sample, "--file", store.File)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_since_cause_and_route_narrow_the_list()
    {
        Assert.Contains(store.Incident, (await RunAsync("incidents", "--open", "--since", "1h", "--cause", "connect_refused", "--route", "site", "--json", "--file", store.File)).Output, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("incidents", "--cause", "connect_timeout", "--json", "--file", store.File)).Output);
        Assert.Equal("No incidents match.\n", (await RunAsync("incidents", "--route", "other", "--file", store.File)).Output);
    }

    [Theory]
    [InlineData(1, "there is no incident inc-0000-0000", "inc-0000-0000")]
    [InlineData(1, "the failure 0000-0000 was not kept", "0000-0000")]
    [InlineData(2, "is no id", "shop")]
    [InlineData(2, "did you mean connect_refused?", "--cause", "connect_refusd")]
    [InlineData(2, "is no time", "--since", "yesterday")]
    [InlineData(2, "are for the list", "inc-0000-0000", "--open")]
    [InlineData(2, "--file or --config", "--config", "x.json")]
    public async Task An_unknown_id_is_a_no_and_a_wrong_word_is_wrong_usage(int expected, string says, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(["incidents", "--file", store.File, .. arguments]);
        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_in_a_line_or_two()
    {
        using var folder = new TestFolder();
        foreach (var (file, says) in ((string, string)[])[(folder.PathOf("none.db"), "does not exist"), (folder.Write("empty.db", ""), "holds no incidents"), (folder.Write("text.db", new string('x', 5000)), "is damaged"), (folder.Path, "is a folder")])
        {
            var (code, output, error) = await RunAsync("incidents", "--file", file);
            Assert.Equal((3, ""), (code, output));
            Assert.Contains(says, error, StringComparison.Ordinal);
            Assert.InRange(error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 2);
        }

        Assert.Equal(["empty.db", "text.db"], Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)).Order());
    }

    [Fact]
    public async Task An_id_is_found_in_the_event_log_too_and_a_thinned_one_leads_to_the_incident()
    {
        var (code, output, _) = await RunAsync("events", "--id", store.Incident, "--file", store.Events);
        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^connect_refused +30 ", output);
        var missing = await RunAsync("events", "--id", "0000-0000", "--file", store.Events);
        Assert.Equal((1, ""), (missing.Code, missing.Output));
        Assert.Contains("which line stands for it", missing.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("events", "--id", "shop", "--file", store.Events)).Code);
    }

    private static Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments) => GatewayProcess.RunAsync(arguments);
}

/// <summary>A store with one incident of thirty failures, written by a gateway that has stopped.</summary>
public sealed class WrittenStore : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly DeadPort _nobody = new();

    public string File => _folder.PathOf("data/incidents.db");

    public string Events => _folder.PathOf("logs/events.jsonl");

    public string Incident { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        var config = _folder.Write("proxygate.json", GatewayInFront.Config(_nobody.Url, c =>
        {
            c["ProxyGate"]!["Timeouts"] = new JsonObject { ["Connect"] = "60s" };
            c["ProxyGate"]!["CircuitBreaker"] = new JsonObject { ["Enabled"] = false };
        }));
        await using (var gateway = await GatewayProcess.StartAsync(["run", "--config", config], _folder.Path))
        {
            Assert.Equal(30, await Storm.SendAsync(new Uri(gateway.Address, "/basket?q=1"), 30, 1, TestContext.Current.CancellationToken));
            Assert.Equal(0, await gateway.StopAsync());
        }

        Incident = (string)JsonNode.Parse((await GatewayProcess.RunAsync(["incidents", "--json", "--file", File])).Output)!["id"]!;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        _nobody.Dispose();
        return ValueTask.CompletedTask;
    }
}
