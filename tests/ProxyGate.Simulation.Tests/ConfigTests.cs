using System.Text.Json;

namespace ProxyGate.Simulation.Tests;

public sealed class ConfigTests
{
    [Fact]
    public async Task Every_running_fault_has_its_route_its_cluster_and_its_settings()
    {
        await using var environment = LifeTests.NewEnvironment();
        var config = new FaultGatewayConfig { ListenAt = ["http://127.0.0.1:0"], AdminAt = "http://127.0.0.1:0", EventsFile = "/tmp/events.jsonl" };
        string[] ids = ["connect-refused", "mtls-accepted", "h2-ok", "gateway-no-route", "gateway-no-destination", "gateway-loop", "unix-missing", "gateway-circuit-open", "gateway-destination-full", "gateway-overloaded"];
        foreach (var id in ids)
        {
            await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
            config.Add(running);
        }

        using var document = JsonDocument.Parse(config.ToString());
        var routes = document.RootElement.GetProperty("ReverseProxy").GetProperty("Routes");
        var clusters = document.RootElement.GetProperty("ReverseProxy").GetProperty("Clusters");
        var gateway = document.RootElement.GetProperty("ProxyGate");
        Assert.Equal("/faults/connect-refused/{**rest}", routes.GetProperty("fault-connect-refused").GetProperty("Match").GetProperty("Path").GetString());
        Assert.False(routes.TryGetProperty("fault-gateway-no-route", out _));
        Assert.False(routes.GetProperty("fault-gateway-loop").TryGetProperty("Transforms", out _));
        Assert.Equal("2", clusters.GetProperty("fault-h2-ok").GetProperty("HttpRequest").GetProperty("Version").GetString());
        Assert.Empty(clusters.GetProperty("fault-gateway-no-destination").GetProperty("Destinations").EnumerateObject());
        Assert.StartsWith(
            "http://unix:/", clusters.GetProperty("fault-unix-missing").GetProperty("Destinations").GetProperty("app").GetProperty("Address").GetString());
        var tls = gateway.GetProperty("Clusters").GetProperty("fault-mtls-accepted").GetProperty("UpstreamTls");
        Assert.Equal(environment.TrustedCaFile, tls.GetProperty("TrustedCaFile").GetString());
        Assert.EndsWith("client.key", tls.GetProperty("ClientCertificate").GetProperty("Key").GetString());
        Assert.False(gateway.GetProperty("CircuitBreaker").GetProperty("Enabled").GetBoolean());
        Assert.True(gateway.GetProperty("Clusters").GetProperty("fault-gateway-circuit-open").GetProperty("CircuitBreaker").GetProperty("Enabled").GetBoolean());
        Assert.Equal(1, gateway.GetProperty("Clusters").GetProperty("fault-gateway-destination-full").GetProperty("Concurrency").GetProperty("MaxPerDestination").GetInt32());
        Assert.Equal(1, gateway.GetProperty("Overload").GetProperty("MaxRequests").GetInt32());
        Assert.Equal("2000ms", gateway.GetProperty("Timeouts").GetProperty("FirstByte").GetString());
    }
}
