using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.EndToEnd.Tests.Traffic.Checks;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>Destinations that go down and come back: the reason is the same wherever it is shown.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nginx")]
    [InlineData("python3")]
    [InlineData("node")]
    public async Task A_server_that_is_killed_is_out_of_use_with_its_reason_until_it_is_back(string program)
    {
        var port = Ports.Free();
        var server = await ServeAsync(program, port);
        try
        {
            await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}", config => Checked(config, "http", "/"));
            var healthy = await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop, available: true);
            Assert.True((bool)healthy["available"]!);
            Assert.NotNull(healthy["last_check_ms"]);

            _ = Kill(server.Pid, 9);
            var down = await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop, available: false);
            Assert.Equal(("connect_refused", "check", false), ((string?)down["cause"], (string?)down["by"], (bool)down["available"]!));
            Assert.Contains($"127.0.0.1:{port}", (string?)down["reason"], StringComparison.Ordinal);

            var (failure, status, body) = await gateway.FailAsync(Stop);
            Assert.Equal((503, "no_healthy_destination"), (status, (string?)failure["cause"]));
            var reason = Assert.Single(failure["unhealthy"]!.AsArray())!;
            Assert.Equal(("app1", "connect_refused", "check"), ((string?)reason["destination"], (string?)reason["cause"], (string?)reason["by"]));
            Assert.True((double)reason["for_ms"]! >= 0);
            Assert.Contains("connect_refused", (string?)JsonNode.Parse(body)!["detail"], StringComparison.Ordinal);
            Assert.Contains(failure["hints"]!.AsArray(), h => (string?)h!["id"] == "app_down");
            using var page = new HttpRequestMessage(HttpMethod.Get, "/");
            page.Headers.Accept.ParseAdd("text/html");
            using var shown = await gateway.Client.SendAsync(page, Stop);
            Assert.Contains("connect_refused", await shown.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);

            using var admin = new HttpClient { BaseAddress = gateway.Process.Admin };
            using var text = new HttpRequestMessage(HttpMethod.Get, "/readyz/app");
            text.Headers.Accept.ParseAdd("text/plain");
            using var said = await admin.SendAsync(text, Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, said.StatusCode);
            Assert.Matches(@"app1 \(http://127\.0\.0\.1:\d+\) unhealthy for \S+, connect_refused: ", await said.Content.ReadAsStringAsync(Stop));
            Assert.Contains("connect_refused", await MetricsAsync(admin, "proxygate_health_changes"), StringComparison.Ordinal);
            Assert.Contains("is unhealthy and out of use: connect_refused", gateway.Process.Output, StringComparison.Ordinal);

            await server.DisposeAsync();
            server = await ServeAsync(program, port);
            await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop, available: true);
            using var again = await gateway.Client.GetAsync(new Uri("/", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Contains("is used again", gateway.Process.Output, StringComparison.Ordinal);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_status_that_is_not_healthy_is_the_reason_and_an_expected_one_is_not()
    {
        await using var app = await NamedApp.StartAsync("a");
        app.HealthStatus = 404;
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config => Checked(config, "http", "/health"));
        var down = await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop);
        Assert.Contains("GET /health was answered with status 404; 2xx is healthy.", (string?)down["reason"], StringComparison.Ordinal);
        var (failure, _, _) = await gateway.FailAsync(Stop);
        Assert.Equal(404, (int?)failure["unhealthy"]![0]!["status"]);
        Assert.Contains(failure["hints"]!.AsArray(), h => (string?)h!["id"] == "health_path");

        app.HealthStatus = 503;
        await Waiting.UntilAsync(
            async () => ((string?)(await Waiting.ReadinessAsync(gateway.Process, "app", Stop))["states"]![0]!["reason"])?.Contains("503", StringComparison.Ordinal) == true,
            () => "The newest reason is not shown.", Stop);
        app.HealthStatus = 200;
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
    }

    [Fact]
    public async Task A_server_that_is_silent_is_out_of_use_for_its_silence()
    {
        await using var app = new EchoApp();
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config => Checked(config, "http", "/", timeout: "300ms"));
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
        app.Mood = AppMood.Hang;
        Assert.Equal("response_timeout", (string?)(await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop))["cause"]);
        app.Mood = AppMood.Healthy;
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
    }

    [Theory]
    [InlineData("")]
    [InlineData("shop")]
    public async Task A_grpc_server_is_asked_by_its_health_service(string service)
    {
        await using var app = await NamedApp.StartAsync("a", HttpProtocols.Http2);
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config =>
        {
            GatewayInFront.Http2(config);
            Checked(config, "grpc", null);
            config["ProxyGate"]!["Clusters"]!["app"]!["Health"]!["Service"] = service;
        });
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
        app.Serving = HealthCheckResponse.Types.ServingStatus.NotServing;
        Assert.Contains("NOT_SERVING", (string?)(await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop))["reason"], StringComparison.Ordinal);
        app.Serving = HealthCheckResponse.Types.ServingStatus.Serving;
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
        await app.StopAsync();
        Assert.Equal("connect_refused", (string?)(await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop))["cause"]);
    }

    [Fact]
    public async Task A_service_that_grpc_health_does_not_know_and_a_server_without_it_are_told_apart()
    {
        await using var app = await NamedApp.StartAsync("a", HttpProtocols.Http2);
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config =>
        {
            GatewayInFront.Http2(config);
            Checked(config, "grpc", null);
            config["ProxyGate"]!["Clusters"]!["app"]!["Health"]!["Service"] = "cart";
        });
        Assert.Contains("does not know service", (string?)(await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop))["reason"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_requests_take_a_destination_out_of_use_for_their_cause_and_the_other_serves()
    {
        await using var good = await NamedApp.StartAsync("good");
        var closed = Ports.Free();
        await using var gateway = await GatewayInFront.StartAsync(_folder, good.Address, config =>
        {
            var cluster = config["ReverseProxy"]!["Clusters"]!["app"]!;
            cluster["LoadBalancingPolicy"] = "RoundRobin";
            cluster["Destinations"]!["app2"] = new JsonObject { ["Address"] = $"http://127.0.0.1:{closed}" };
            cluster["HealthCheck"] = new JsonObject { ["Passive"] = new JsonObject { ["Enabled"] = true, ["ReactivationPeriod"] = "1m" } };
            // It would leave the destination alone first.
            config["ProxyGate"]!["CircuitBreaker"] = new JsonObject { ["Enabled"] = false };
        });
        for (var i = 0; i < 40; i++)
        {
            using var answer = await gateway.Client.GetAsync(new Uri("/", UriKind.Relative), Stop);
        }

        var down = await Waiting.StateAsync(gateway.Process, "app2", "unhealthy", Stop);
        Assert.Equal(("connect_refused", "requests"), ((string?)down["cause"], (string?)down["by"]));
        for (var i = 0; i < 20; i++) Assert.Equal("good /", await gateway.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task When_all_are_out_of_use_all_are_used_unless_that_is_forbidden()
    {
        await using var app = await NamedApp.StartAsync("a");
        app.HealthStatus = 500;
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Address, config =>
        {
            Checked(config, "http", "/health");
            config["ReverseProxy"]!["Clusters"]!["app"]!["HealthCheck"]!.AsObject().Remove("AvailableDestinationsPolicy");
        });
        var down = await Waiting.StateAsync(gateway.Process, "app1", "unhealthy", Stop);
        Assert.True((bool)down["available"]!);
        Assert.Equal("a /", await gateway.Client.GetStringAsync("/", Stop));
        Assert.Contains("although unhealthy", (string?)(await Waiting.ReadinessAsync(gateway.Process, "app", Stop))["reason"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Redistribute")]
    [InlineData("Return503Error")]
    public async Task A_bound_client_keeps_its_destination_and_when_that_is_down_the_policy_decides(string policy)
    {
        await using var one = await NamedApp.StartAsync("one");
        await using var two = await NamedApp.StartAsync("two");
        await using var gateway = await GatewayInFront.StartAsync(_folder, one.Address, config =>
        {
            Checked(config, "http", "/health");
            var cluster = config["ReverseProxy"]!["Clusters"]!["app"]!;
            cluster["LoadBalancingPolicy"] = "RoundRobin";
            cluster["Destinations"]!["app2"] = new JsonObject { ["Address"] = two.Address };
            cluster["SessionAffinity"] = new JsonObject { ["Enabled"] = true, ["AffinityKeyName"] = "stick", ["FailurePolicy"] = policy };
        });
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop);
        await Waiting.StateAsync(gateway.Process, "app2", "healthy", Stop);
        using var first = await gateway.Client.GetAsync(new Uri("/", UriKind.Relative), Stop);
        var bound = await first.Content.ReadAsStringAsync(Stop);
        for (var i = 0; i < 10; i++) Assert.Equal(bound, await gateway.Client.GetStringAsync("/", Stop));

        var (app, id) = bound == "one /" ? (one, "app1") : (two, "app2");
        await app.StopAsync();
        await Waiting.StateAsync(gateway.Process, id, "unhealthy", Stop, available: false);
        if (policy == "Redistribute")
        {
            var other = bound == "one /" ? "two /" : "one /";
            for (var i = 0; i < 10; i++) Assert.Equal(other, await gateway.Client.GetStringAsync("/", Stop));
            return;
        }

        var (failure, status, body) = await gateway.FailAsync(Stop);
        Assert.Equal((503, "no_healthy_destination"), (status, (string?)failure["cause"]));
        Assert.Contains("bound to one destination", (string?)JsonNode.Parse(body)!["detail"], StringComparison.Ordinal);
        Assert.Equal(id, (string?)failure["unhealthy"]![0]!["destination"]);
        await app.StartAsync();
        await Waiting.StateAsync(gateway.Process, id, "healthy", Stop, available: true);
        Assert.Equal(bound, await gateway.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task A_destination_that_has_come_back_gets_only_part_of_its_share_at_first()
    {
        await using var one = await NamedApp.StartAsync("one");
        await using var two = await NamedApp.StartAsync("two");
        await using var gateway = await GatewayInFront.StartAsync(_folder, one.Address, config =>
        {
            Checked(config, "http", "/health");
            var cluster = config["ReverseProxy"]!["Clusters"]!["app"]!;
            cluster["LoadBalancingPolicy"] = "RoundRobin";
            cluster["Destinations"]!["app2"] = new JsonObject { ["Address"] = two.Address };
            config["ProxyGate"]!["Clusters"]!["app"]!["Health"]!["SlowStart"] = "1h";
        });
        await Waiting.StateAsync(gateway.Process, "app1", "healthy", Stop, available: true);
        await Waiting.StateAsync(gateway.Process, "app2", "healthy", Stop, available: true);
        await two.StopAsync();
        await Waiting.StateAsync(gateway.Process, "app2", "unhealthy", Stop, available: false);
        await two.StartAsync();
        await Waiting.StateAsync(gateway.Process, "app2", "healthy", Stop, available: true);

        const int Asked = 300;
        var shared = 0;
        for (var i = 0; i < Asked; i++) shared += await gateway.Client.GetStringAsync("/", Stop) == "two /" ? 1 : 0;
        // A tenth of its half at first: 15. The half would be 150.
        Assert.InRange(shared, 1, 60);
    }

    /// <summary>Quick checks, and no panic: a destination that is out of use gets nothing.</summary>
    private static void Checked(JsonObject config, string kind, string? path, string timeout = "5s")
    {
        config["ReverseProxy"]!["Clusters"]!["app"]!["HealthCheck"] = new JsonObject
        {
            ["Active"] = new JsonObject { ["Enabled"] = true, ["Interval"] = "100ms", ["Timeout"] = timeout, ["Path"] = path },
            ["AvailableDestinationsPolicy"] = "HealthyAndUnknown",
        };
        config["ProxyGate"]!["Clusters"] = new JsonObject { ["app"] = new JsonObject { ["Health"] = new JsonObject { ["Kind"] = kind, ["SlowStart"] = "0s" } } };
    }

    private async Task<ServerProcess> ServeAsync(string program, int port)
    {
        var path = Programs.Require(program);
        switch (program)
        {
            case "nginx":
                _folder.Write("www/index.html", "hello");
                var config = _folder.Write("nginx.conf", $$"""
                    daemon off; master_process off; pid {{_folder.PathOf("nginx.pid")}}; error_log {{_folder.PathOf("error.log")}};
                    events {}
                    http {
                      access_log off;
                      client_body_temp_path {{_folder.PathOf("body")}}; proxy_temp_path {{_folder.PathOf("proxy")}}; fastcgi_temp_path {{_folder.PathOf("fastcgi")}};
                      uwsgi_temp_path {{_folder.PathOf("uwsgi")}}; scgi_temp_path {{_folder.PathOf("scgi")}};
                      server { listen 127.0.0.1:{{port}}; root {{_folder.PathOf("www")}}; }
                    }
                    """);
                return await ServerProcess.StartAsync(path, ["-e", _folder.PathOf("error.log"), "-c", config], _folder.Path, port);
            case "node":
                return await ServerProcess.StartAsync(path, ["-e", $"require('http').createServer((q, r) => r.end('hello')).listen({port}, '127.0.0.1')"], _folder.Path, port);
            default:
                return await ServerProcess.StartAsync(path, ["-m", "http.server", $"{port}", "--bind", "127.0.0.1"], _folder.Path, port);
        }
    }

    private static async Task<string> MetricsAsync(HttpClient admin, string name)
    {
        var lines = (await admin.GetStringAsync("/metrics", Stop)).Split('\n').Where(l => l.StartsWith(name, StringComparison.Ordinal));
        return string.Join('\n', lines);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
