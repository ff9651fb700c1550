using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Tests.EventLog;
using ProxyGate.Gateway.Tests.Incidents;
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
        metrics.ObserveCertificates(() => [("shop.example", TimeProvider.System.GetUtcNow().AddDays(10.5))], TimeProvider.System);

        var text = await EventuallyAsync(() => gateway.GetTextAsync("/metrics"), t => t.Contains("proxygate_failures", StringComparison.Ordinal));

        Assert.Matches("""proxygate_requests_total\{[^}]*cluster="app"[^}]*status="5xx"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_failures_total\{[^}]*cause="connect_refused"[^}]*party="upstream_process"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_requests_active(\{[^}]*\})? 1""", text);
        Assert.Matches("""proxygate_request_phase_duration_seconds_bucket\{[^}]*phase="connect"[^}]*le="0.0005"[^}]*\} 1""", text);
        Assert.Matches("""proxygate_log_dropped_[a-z_]*\{[^}]*log="events"[^}]*\} 0""", text);
        Assert.Matches("""proxygate_certificate_expiry_[a-z_]*\{[^}]*certificate="shop.example"[^}]*\} 10\.[45]""", text);
    }

    [Fact]
    public async Task The_page_and_the_api_show_failures_incidents_and_a_refused_change_and_run_no_script_of_anyones()
    {
        await using var gateway = await AdminHarness.StartAsync();
        const string Evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e";
        var hostile = SomeFailure.Hostile(Evil);
        gateway.Get<FailureIntake>().Take(hostile with { Diagnosis = hostile.Diagnosis with { Sentence = Evil } });
        gateway.Get<FailureIntake>().Take(SomeFailure.Event(id: "abcd-1234"));
        gateway.Get<IncidentTracker>().Fail("shop", Evil, "connect_refused");
        gateway.Get<ConfigStatus>().Loaded("/etc/proxygate.json", TimeProvider.System.GetUtcNow());
        gateway.Get<ConfigStatus>().Refused([new ConfigMistake { File = "/etc/proxygate.json", Message = Evil }], TimeProvider.System.GetUtcNow());

        await EventuallyAsync(() => gateway.GetTextAsync("/api/failures"), t => t.Contains("abcd-1234", StringComparison.Ordinal));
        using var answer = await gateway.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
        Assert.Contains("abcd-1234", page, StringComparison.Ordinal);
        Assert.Contains("connect_refused", page, StringComparison.Ordinal);
        Assert.Contains("/etc/proxygate.json", page, StringComparison.Ordinal);
        Assert.Contains("refused", page, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var failures = JsonDocument.Parse(await gateway.GetTextAsync("/api/failures?cause=connect_refused"));
        var failure = Assert.Single(failures.RootElement.GetProperty("failures").EnumerateArray());
        await EventLineSchema.AssertValidFailureAsync(failure.GetRawText());
        await EventLineSchema.AssertValidFailureAsync(await gateway.GetTextAsync("/api/failures/ABCD1234"));
        using var incidents = JsonDocument.Parse(await gateway.GetTextAsync("/api/incidents"));
        Assert.Equal(1, incidents.RootElement.GetProperty("open").GetInt32());
        using var config = JsonDocument.Parse(await gateway.GetTextAsync("/api/config"));
        Assert.Single(config.RootElement.GetProperty("last_reload_errors").EnumerateArray());
        using var openApi = JsonDocument.Parse(await gateway.GetTextAsync("/api/openapi.json"));
        foreach (var path in openApi.RootElement.GetProperty("paths").EnumerateObject().Where(p => !p.Name.Contains('{', StringComparison.Ordinal)))
        {
            using var documented = await gateway.GetAsync(path.Name);
            Assert.True(documented.IsSuccessStatusCode, path.Name);
        }
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
