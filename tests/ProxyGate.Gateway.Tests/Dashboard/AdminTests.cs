using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Tests.EventLog;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class AdminTests
{
    [Fact]
    public async Task The_public_listener_shows_nothing_of_the_admins_whatever_its_Host_says()
    {
        await using var gateway = await AdminHarness.StartAsync();
        foreach (var path in new[] { "/", "/healthz", "/metrics", "/api/failures" })
        {
            using var answer = await gateway.GetAsync(path, gateway.Public, host: gateway.Admin.Authority);
            Assert.Equal("public", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("127.0.0.1.evil.example:9180", 421)]
    [InlineData("192.0.2.1", 421)]
    [InlineData("localhost:1", 200)]
    [InlineData("proxygate.localhost", 200)]
    [InlineData("127.0.0.2", 200)]
    [InlineData("[::1]:9180", 200)]
    public async Task Only_names_that_are_surely_ours_are_served(string host, int status)
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var answer = await gateway.GetAsync("/healthz", host: host);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("GET", "Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("GET", "Sec-Fetch-Site", "same-site", 403)]
    [InlineData("POST", "Sec-Fetch-Site", "same-site", 403)]
    [InlineData("GET", "Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("GET", "Sec-Fetch-Site", "none", 200)]
    [InlineData("GET", "Origin", "http://evil.example", 403)]
    [InlineData("POST", "Origin", "http://localhost:8080", 403)]
    [InlineData("POST", "Origin", "null", 403)]
    public async Task What_a_page_of_another_origin_made_a_browser_ask_is_refused(string method, string field, string value, int status)
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(gateway.Admin, "/api/config"));
        request.Headers.Add(field, value);
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_link_elsewhere_may_lead_to_the_dashboard()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gateway.Admin, "/"));
        request.Headers.Add("Sec-Fetch-Site", "cross-site");
        request.Headers.Add("Sec-Fetch-Mode", "navigate");
        request.Headers.Add("Sec-Fetch-Dest", "document");
        using var answer = await gateway.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Only_reading_is_possible_and_unknown_paths_say_what_there_is()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var posted = await gateway.GetAsync("/api/config", method: HttpMethod.Post);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, posted.StatusCode);
        using var missing = await gateway.GetAsync("/nothing");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
        using var headed = await gateway.GetAsync("/", method: HttpMethod.Head);
        Assert.Equal(HttpStatusCode.OK, headed.StatusCode);
    }

    [Fact]
    public async Task Readiness_tells_each_cluster_and_ends_with_draining()
    {
        await using var gateway = await AdminHarness.StartAsync();
        using var ready = await gateway.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        using var json = JsonDocument.Parse(await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ready", json.RootElement.GetProperty("state").GetString());
        Assert.Equal(
            ["app True 1 of 1 destinations are available", "empty False no destinations are configured"],
            json.RootElement.GetProperty("clusters").EnumerateArray().Select(c =>
                $"{c.GetProperty("cluster").GetString()} {c.GetProperty("ready").GetBoolean()} {c.GetProperty("reason").GetString()}"));
        using var empty = await gateway.GetAsync("/readyz/empty");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, empty.StatusCode);
        using var unknown = await gateway.GetAsync("/readyz/unknown");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);

        gateway.BeginDraining();

        using var draining = await gateway.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, draining.StatusCode);
        using var alive = await gateway.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    public async Task Metrics_count_requests_and_failures_and_what_was_dropped()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var metrics = gateway.Get<GatewayMetrics>();
        await gateway.GetTextAsync("/metrics");
        metrics.RequestStarted();
        metrics.RequestEnded("shop", "app", 502, 12);
        metrics.RequestStarted();
        metrics.Failed(SomeFailure.Event());
        metrics.Phase(RequestPhase.Connect, "app", 0.4);
        metrics.ObserveTraffic(() => [("app", "one", true, 3), ("app", "two", false, 0)]);
        metrics.CircuitChanged("app", "one", open: true);
        metrics.ObserveCertificates(() => [("shop.example", TimeProvider.System.GetUtcNow().AddDays(10.5))], TimeProvider.System);

        var text = await EventuallyAsync(() => gateway.GetTextAsync("/metrics"), t => t.Contains("proxygate_failures", StringComparison.Ordinal) && t.Contains("proxygate_requests_total", StringComparison.Ordinal));

        Assert.Matches("""proxygate_requests_total\{[^}]*cluster="app"[^}]*status="5xx"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_failures_total\{[^}]*cause="connect_refused"[^}]*party="upstream_process"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_requests_active(\{[^}]*\})? 1""", text);
        Assert.Matches("""proxygate_request_phase_duration_seconds_bucket\{[^}]*phase="connect"[^}]*le="0.0005"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_circuit_open\{[^}]*destination="one"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_circuit_open\{[^}]*destination="two"[^}]*\} 0""", text);
        Assert.Matches("""proxygate_queue_waiting\{[^}]*destination="one"[^}]*\} 3""", text);
        Assert.Matches("""proxygate_circuit_changes_total\{[^}]*cluster="app"[^}]*destination="one"[^}]*state="open"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_log_dropped_[a-z_]*\{[^}]*log="events"[^}]*\} 0""", text);
        Assert.Matches("""proxygate_certificate_expiry_[a-z_]*\{[^}]*certificate="shop.example"[^}]*\} 10\.[45]""", text);
    }

    [Fact]
    public async Task The_gateways_own_log_is_readable_lines_and_says_nothing_of_each_request()
    {
        var console = new TestTarget();
        await using (var gateway = await AdminHarness.StartAsync(console))
        {
            await gateway.GetTextAsync("/healthz");
            var loggers = gateway.Get<ILoggerFactory>();
            loggers.CreateLogger("ProxyGate.Gateway.Configuration").LogWarning("{File} was not taken over:\n{Mistakes}", "a\u001b[31m.json", "one\ntwo");
            loggers.CreateLogger("Yarp.ReverseProxy.Forwarder.HttpForwarder").LogError("noise");
            loggers.CreateLogger("Microsoft.AspNetCore.Hosting.Diagnostics").LogInformation("noise");
            loggers.CreateLogger(OpenTelemetrySink.Category).LogError("noise");
        }

        Assert.Equal(3, console.Lines.Length);
        Assert.EndsWith("Z WARN  a\\x1B[31m.json was not taken over:", console.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("WARN      one", console.Lines[1], StringComparison.Ordinal);
        Assert.EndsWith("WARN      two", console.Lines[2], StringComparison.Ordinal);
    }

    private static async Task<string> EventuallyAsync(Func<Task<string>> read, Func<string, bool> done)
    {
        var deadline = DateTime.UtcNow.AddSeconds(15);
        while (true)
        {
            var text = await read();
            if (done(text) || DateTime.UtcNow > deadline) return text;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
