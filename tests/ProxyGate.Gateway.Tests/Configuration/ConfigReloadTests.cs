using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Routing;
using ProxyGate.Gateway.Tests.Listeners;

namespace ProxyGate.Gateway.Tests.Configuration;

public sealed class ConfigReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxygate-reload-");
    private readonly CollectedLog _log = new();

    private string FilePath => Path.Combine(_folder.FullName, "proxygate.json");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_changed_file_is_taken_over_settings_and_routes_at_once()
    {
        var gate = await StartAsync(Json(5000, "2s"));
        GatewaySettings? told = null;
        var routesWhenTold = "";
        gate.Settings.Changed += s => (told, routesWhenTold) = (s, Address(gate));
        var token = gate.Routes.GetConfig().ChangeToken;

        await File.WriteAllTextAsync(FilePath, Json(5001, "3s"), Stop);
        await gate.Reloader.PollAsync();
        Assert.Null(told);
        await gate.Reloader.PollAsync();

        Assert.Equal(TimeSpan.FromSeconds(3), told!.Timeouts.Dns);
        Assert.Equal("http://localhost:5000", routesWhenTold);
        Assert.Equal("http://localhost:5001", Address(gate));
        Assert.True(token.HasChanged);
        Assert.Equal(1, gate.Status.Reloads);
        Assert.Empty(gate.Status.LastReloadErrors);
    }

    [Theory]
    [InlineData("""{ "ProxyGate": { "Timeouts": { "Dns": "9s" } }, "ReverseProxy": { "Routes": { "r": { "ClusterId": "none", "Match": { "Path": "/" } } } } }""", "names the cluster \"none\"")]
    [InlineData("""{ "ProxyGate": { "Timeouts": { "Dns": "9" } } }""", "is not a duration")]
    [InlineData("""{ "ProxyGate": """, "is not valid JSON")]
    public async Task A_bad_file_keeps_everything_and_says_why(string bad, string why)
    {
        var gate = await StartAsync(Json(5000, "2s"));
        gate.Settings.Changed += _ => Assert.Fail("Nothing may be taken over.");

        await File.WriteAllTextAsync(FilePath, bad, Stop);
        await PollTwiceAsync(gate);

        Assert.Equal(TimeSpan.FromSeconds(2), gate.Settings.Current.Timeouts.Dns);
        Assert.Equal("http://localhost:5000", Address(gate));
        Assert.Contains(gate.Status.LastReloadErrors, e => e.ToString().Contains(why, StringComparison.Ordinal));
        Assert.NotNull(gate.Status.LastReloadFailedAt);
        Assert.Single(_log.Lines, l => l.StartsWith("Warning: ", StringComparison.Ordinal) && l.Contains(why, StringComparison.Ordinal));

        // Said once, not with every look.
        await PollTwiceAsync(gate);
        Assert.Single(_log.Lines, l => l.StartsWith("Warning: ", StringComparison.Ordinal));

        await File.WriteAllTextAsync(FilePath, Json(5000, "2s"), Stop);
        await PollTwiceAsync(gate);
        Assert.Empty(gate.Status.LastReloadErrors);
        Assert.Null(gate.Status.LastReloadFailedAt);
    }

    [Fact]
    public async Task The_lines_a_page_names_change_with_the_file_or_not_at_all()
    {
        var gate = await StartAsync(Json(5000, "2s"));
        Assert.Equal(("proxygate.json:4", "proxygate.json:5"), Lines(gate));

        await File.WriteAllTextAsync(FilePath, "\n\n" + Json(5000, "2s").Replace("\"ClusterId\": \"c\"", "\"ClusterId\": \"none\"", StringComparison.Ordinal), Stop);
        await PollTwiceAsync(gate);
        Assert.NotEmpty(gate.Status.LastReloadErrors);
        Assert.Equal(("proxygate.json:4", "proxygate.json:5"), Lines(gate));

        await File.WriteAllTextAsync(FilePath, "\n\n" + Json(5000, "2s"), Stop);
        await PollTwiceAsync(gate);
        Assert.Equal(("proxygate.json:6", "proxygate.json:7"), Lines(gate));

        static (string?, string?) Lines(Gate gate) => (gate.Status.Lines.OfRoute("r")?.Source, gate.Status.Lines.OfDestination("c", "d"));
    }

    [Fact]
    public async Task A_file_that_is_gone_keeps_everything_and_says_so()
    {
        var gate = await StartAsync(Json(5000, "2s"));
        File.Delete(FilePath);
        await PollTwiceAsync(gate);
        Assert.Equal($"{FilePath}: {FilePath} does not exist", Assert.Single(gate.Status.LastReloadErrors).ToString());

        await File.WriteAllTextAsync(FilePath, Json(5002, "2s"), Stop);
        await PollTwiceAsync(gate);
        Assert.Equal("http://localhost:5002", Address(gate));
        Assert.Empty(gate.Status.LastReloadErrors);
    }

    [Fact]
    public async Task A_swapped_symbolic_link_is_seen()
    {
        // As Kubernetes mounts a ConfigMap: file → ..data/file, ..data → a folder that is swapped.
        var first = _folder.CreateSubdirectory("..1");
        var second = _folder.CreateSubdirectory("..2");
        await File.WriteAllTextAsync(Path.Combine(first.FullName, "proxygate.json"), Json(5000, "2s"), Stop);
        await File.WriteAllTextAsync(Path.Combine(second.FullName, "proxygate.json"), Json(5003, "2s"), Stop);
        var data = Path.Combine(_folder.FullName, "..data");
        Directory.CreateSymbolicLink(data, "..1");
        File.CreateSymbolicLink(FilePath, "..data/proxygate.json");
        var gate = await StartAsync(null);

        Directory.Delete(data);
        Directory.CreateSymbolicLink(data, "..2");
        await PollTwiceAsync(gate);

        Assert.Equal("http://localhost:5003", Address(gate));
    }

    [Fact]
    public async Task What_needs_a_restart_stays_and_is_said()
    {
        var gate = await StartAsync(Json(5000, "2s"));
        await File.WriteAllTextAsync(FilePath, Json(5000, "4s").Replace("\"Timeouts\"", "\"Listen\": [\"http://localhost:1\"], \"Transport\": \"Sockets\", \"Timeouts\"", StringComparison.Ordinal), Stop);
        Assert.True(await gate.Reloader.ReloadAsync());

        Assert.Equal(["http://localhost:8080"], gate.Settings.Current.Listen);
        Assert.Equal(TransportKind.EventLoop, gate.Settings.Current.Transport);
        Assert.Equal(TimeSpan.FromSeconds(4), gate.Settings.Current.Timeouts.Dns);
        Assert.Contains(_log.Lines, l => l.StartsWith("Warning: ", StringComparison.Ordinal) && l.Contains("ProxyGate:Listen has changed", StringComparison.Ordinal));
        Assert.Contains(_log.Lines, l => l.StartsWith("Warning: ", StringComparison.Ordinal) && l.Contains("ProxyGate:Transport has changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_changed_page_is_taken_over_though_the_file_that_names_it_is_the_same()
    {
        var page = Path.Combine(_folder.FullName, "page.html");
        await File.WriteAllTextAsync(page, "one", Stop);
        var gate = await StartAsync(Json(5000, "2s").Replace("\"Timeouts\"", "\"Pages\": { \"Templates\": [{ \"File\": \"page.html\" }] }, \"Timeouts\"", StringComparison.Ordinal));
        Assert.Equal("one", PageOf(gate));
        await PollTwiceAsync(gate);
        Assert.Equal(0, gate.Status.Reloads);

        await File.WriteAllTextAsync(page, "two", Stop);
        await gate.Reloader.PollAsync();
        Assert.Equal("one", PageOf(gate));
        await gate.Reloader.PollAsync();
        Assert.Equal("two", PageOf(gate));

        await File.WriteAllTextAsync(page, "three {{idd}}", Stop);
        await PollTwiceAsync(gate);
        await PollTwiceAsync(gate);
        Assert.Equal("two", PageOf(gate));
        Assert.Contains("{{idd}} is an unknown placeholder", Assert.Single(gate.Status.LastReloadErrors).ToString());
        Assert.Single(_log.Lines, l => l.StartsWith("Warning: ", StringComparison.Ordinal));

        File.Delete(page);
        await PollTwiceAsync(gate);
        Assert.Contains("does not exist", Assert.Single(gate.Status.LastReloadErrors).ToString());

        await File.WriteAllTextAsync(page, "four", Stop);
        await PollTwiceAsync(gate);
        Assert.Equal("four", PageOf(gate));
        Assert.Empty(gate.Status.LastReloadErrors);
    }

    private static string PageOf(Gate gate) => System.Text.Encoding.UTF8.GetString(gate.Settings.Current.Pages.Templates[0].File.Parts[0].Text.Span);

    private static string Json(int port, string dns) => $$"""
        {
          "ProxyGate": { "Timeouts": { "Dns": "{{dns}}" } },
          "ReverseProxy": {
            "Routes": { "r": { "ClusterId": "c", "Match": { "Path": "/{**rest}" } } },
            "Clusters": { "c": { "Destinations": { "d": { "Address": "http://localhost:{{port}}" } } } }
          }
        }
        """;

    private static string Address(Gate gate) => gate.Routes.Clusters[0].Destinations!["d"].Address;

    private static async Task PollTwiceAsync(Gate gate)
    {
        await gate.Reloader.PollAsync();
        await gate.Reloader.PollAsync();
    }

    private async Task<Gate> StartAsync(string? json)
    {
        if (json is not null)
            await File.WriteAllTextAsync(FilePath, json, Stop);
        var loaded = await ConfigLoader.LoadAsync(FilePath, []);
        var settings = new GatewaySettingsSource(loaded.Settings!, NullLogger<GatewaySettingsSource>.Instance);
        var routes = new RouteSource(loaded.Routes, loaded.Clusters);
        var status = new ConfigStatus();
        status.Loaded(FilePath, DateTimeOffset.UtcNow, loaded.Lines);
        return new Gate(
            settings, routes, status,
            new ConfigReloader(new ConfigOrigin(FilePath, [], [], loaded.Seen), settings, routes, status, TimeProvider.System, _log.For<ConfigReloader>()));
    }

    private sealed record Gate(GatewaySettingsSource Settings, RouteSource Routes, ConfigStatus Status, ConfigReloader Reloader);
}
