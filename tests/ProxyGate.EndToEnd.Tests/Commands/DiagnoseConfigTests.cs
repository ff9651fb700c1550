using System.Diagnostics;
using System.Text.Json;
using ProxyGate.EndToEnd.Tests.Support;
using static ProxyGate.EndToEnd.Tests.Commands.DiagnoseProgram;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate diagnose NAME --config</c>, <c>check --deep</c> and <c>--watch</c>, with a configuration of which one destination is down.</summary>
public sealed class DiagnoseConfigTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_destination_a_cluster_and_a_route_are_found_by_name()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);
        var (file, dead) = Config(app.Port);

        var one = await JsonAsync("diagnose", "app-1", "--config", file);
        var exact = await JsonAsync("diagnose", "shop/app-2", "--config", file);
        var cluster = await JsonAsync("diagnose", "shop", "--config", file);
        var route = await JsonAsync("diagnose", "everything", "--config", file);

        Assert.Equal((0, "shop/app-1", "shop", "app-1", "proxygate.json:11"), (one.GetProperty("exit").GetInt32(), one.Text("target"), one.Text("cluster"), one.Text("destination"), one.Text("source")));
        Assert.Contains("GET /healthz", one.Step("health").Text("subject"), StringComparison.Ordinal);
        Assert.Equal(("connect_refused", $"http://127.0.0.1:{dead}/"), (exact.Text("cause"), exact.Text("url")));
        Assert.Equal((1, "1 of 2 destinations is unhealthy: shop/app-2."), (cluster.GetProperty("exit").GetInt32(), cluster.Text("verdict")));
        Assert.Equal(["shop/app-1", "shop/app-2"], cluster.GetProperty("destinations").EnumerateArray().Select(d => d.Text("target")));
        Assert.Equal(["everything", "everything"], route.GetProperty("destinations").EnumerateArray().Select(d => d.Text("route")));
    }

    [Fact]
    public async Task Check_deep_looks_at_all_destinations()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);
        var (file, _) = Config(app.Port);

        var (code, output, error) = await RunAsync("check", "--deep", "--timeout", "40s", "--config", file);
        var json = await JsonAsync("check", "--deep", "--config", file);

        Assert.Equal((1, ""), (code, error));
        Assert.Contains($"{file} is valid.", output, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^destination +result +time +what$", output);
        Assert.Matches(@"(?m)^api/main +(ok|warn) +\S+ m?s  GET /healthz answered with 200", output);
        Assert.Matches(@"(?m)^shop/app-1 +(ok|warn) ", output);
        Assert.Matches(@"(?m)^shop/app-2 +FAIL +\S+ m?s  connect_refused: ", output);
        Assert.Contains("1 of 3 destinations is unhealthy: shop/app-2.", output, StringComparison.Ordinal);
        Assert.Contains($"More of it: proxygate diagnose shop/app-2 --config {file}", output, StringComparison.Ordinal);
        Assert.Equal((true, false, 3), (json.GetProperty("valid").GetBoolean(), json.GetProperty("healthy").GetBoolean(), json.GetProperty("destinations").GetArrayLength()));
    }

    [Fact]
    public async Task All_well_is_0()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);
        var file = Write($$"""{ "ReverseProxy": { "Clusters": { "shop": { "Destinations": { "app": { "Address": "http://127.0.0.1:{{app.Port}}" } } } }, "Routes": { "all": { "ClusterId": "shop", "Match": { "Path": "/{**rest}" } } } } }""");

        var (code, output, _) = await RunAsync("check", "--deep", "--timeout", "40s", "--config", file);

        Assert.Equal(0, code);
        Assert.Contains("The destination is healthy.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_there_is_2_with_the_nearest_and_all_names()
    {
        var (file, _) = Config(Ports.Free());

        var (code, output, error) = await RunAsync("diagnose", "shpo", "--config", file);
        var (none, _, list) = await RunAsync("diagnose", "--config", file);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("has no route, cluster or destination \"shpo\" (did you mean shop?)", error, StringComparison.Ordinal);
        Assert.Contains("It has api, everything, shop, ", error, StringComparison.Ordinal);
        Assert.Equal(2, none);
        Assert.Matches(@"(?m)^  destination  shop/app-2  http://127\.0\.0\.1:", list);
    }

    [Theory]
    [InlineData("nginx.conf", "server { }", "nginx configuration is not supported yet")]
    [InlineData("none.json", null, "none.json does not exist")]
    [InlineData("bad.json", """{ "ReverseProxy": { "Routs": {} } }""", "1 mistake.")]
    public async Task A_configuration_that_cannot_be_used_is_3(string name, string? text, string says)
    {
        var file = text is null ? _folder.PathOf(name) : _folder.Write(name, text);

        var (code, output, error) = await RunAsync("diagnose", "shop", "--config", file);

        Assert.Equal((3, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_sees_an_app_come_and_go_and_ends_with_Ctrl_C()
    {
        var port = Ports.Free();
        using var watch = Start("diagnose", $"http://127.0.0.1:{port}", "--watch", "100ms", "--timeout", "40s", "--json");
        var errors = watch.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);

        var down = JsonDocument.Parse(await LineAsync(watch)).RootElement;
        JsonElement up, gone;
        await using (await DiagnoseApp.StartAsync(_folder, port)) up = await UntilAsync(watch, look => look.GetProperty("healthy").GetBoolean() && look.GetProperty("look").TryGetProperty("process_before", out _));
        gone = await UntilAsync(watch, look => !look.GetProperty("healthy").GetBoolean());
        var (code, _) = await InterruptAsync(watch);

        Assert.Equal("connect_refused", down.Text("cause"));
        Assert.Equal("GET /", up.Step("http").Text("subject"));
        // It was seen alive, so its end is told.
        Assert.Contains(gone.GetProperty("findings").EnumerateArray(), f => f.GetString()!.Contains("while all was well, node (process", StringComparison.Ordinal));
        Assert.Equal((1, ""), (code, await errors));
    }

    private static async Task<JsonElement> UntilAsync(Process watch, Func<JsonElement, bool> wanted)
    {
        for (var i = 0; i < 300; i++)
        {
            var look = JsonDocument.Parse(await LineAsync(watch)).RootElement;
            if (wanted(look)) return look;
        }

        throw new TimeoutException("It did not come to that in 300 looks.");
    }

    private (string File, int DeadPort) Config(int port)
    {
        var dead = Ports.Free();
        return (Write($$"""
            {
              "ReverseProxy": {
                "Routes": {
                  "everything": { "ClusterId": "shop", "Match": { "Path": "/{**rest}" } },
                  "api": { "ClusterId": "api", "Match": { "Path": "/api/{**rest}" } }
                },
                "Clusters": {
                  "shop": {
                    "HealthCheck": { "Active": { "Enabled": true, "Path": "/healthz" } },
                    "Destinations": {
                      "app-1": { "Address": "http://127.0.0.1:{{port}}" },
                      "app-2": { "Address": "http://127.0.0.1:{{dead}}" }
                    }
                  },
                  "api": { "HealthCheck": { "Active": { "Enabled": true, "Path": "/healthz" } }, "Destinations": { "main": { "Address": "http://127.0.0.1:{{port}}" } } }
                }
              }
            }
            """), dead);
    }

    private string Write(string text) => _folder.Write("proxygate.json", text);
}
