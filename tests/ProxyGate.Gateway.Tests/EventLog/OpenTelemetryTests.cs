using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Tests.Dashboard;
using ProxyGate.Gateway.Tests.Incidents;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class OpenTelemetryTests
{
    [Fact]
    public async Task Metrics_traces_and_failures_are_sent_to_the_configured_collector()
    {
        var received = new ConcurrentDictionary<string, ConcurrentBag<string>>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var collector = builder.Build();
        collector.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            received.GetOrAdd(context.Request.Path.Value!, _ => []).Add(Encoding.Latin1.GetString(body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
        await collector.StartAsync(TestContext.Current.CancellationToken);

        var settings = new OpenTelemetrySettings { Endpoint = collector.Urls.Single(), Protocol = "http/protobuf" };
        await using (var gateway = await AdminHarness.StartAsync(openTelemetry: settings))
        {
            using var answer = await gateway.GetAsync("/somewhere", gateway.Public);
            gateway.Get<GatewayMetrics>().Failed(SomeFailure.Event());
            gateway.Get<FailureEventLog>().Write(SomeFailure.Event());
            gateway.Get<IncidentTracker>().Fail("shop", "app1", "connect_timeout");
        } // what is still waiting is sent at the end

        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], received.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(received["/v1/metrics"], m => m.Contains("proxygate.failures", StringComparison.Ordinal) && m.Contains("connect_refused", StringComparison.Ordinal));
        Assert.Contains(received["/v1/logs"], l => l.Contains("k7mq-3f9x", StringComparison.Ordinal) && l.Contains("ProxyGate.Failures", StringComparison.Ordinal));
        Assert.Contains(received["/v1/logs"], l => l.Contains("opened", StringComparison.Ordinal) && l.Contains("connect_timeout", StringComparison.Ordinal) && l.Contains("inc-", StringComparison.Ordinal));
        Assert.Contains(received["/v1/traces"], t => t.Contains("/somewhere", StringComparison.Ordinal));
    }
}
