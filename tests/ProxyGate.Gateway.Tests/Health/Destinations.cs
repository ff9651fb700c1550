using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Tests.Health;

/// <summary>A cluster "app" of a few destinations and what is known of their health, on a clock of the test's.</summary>
internal sealed class Destinations : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayMetrics _metrics;

    public Destinations(ClusterConfig config, HealthSettings health, params string[] ids)
    {
        Settings = new FixedSettings(new GatewaySettings { Clusters = new Dictionary<string, ClusterSettings> { ["app"] = new() { Health = health } } });
        _metrics = new GatewayMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        Register = new HealthRegister(Settings, _metrics, Clock, NullLogger<HealthRegister>.Instance);
        Cluster = new ClusterState("app", new ClusterModel(config, NoClient.Instance));
        All = [.. ids.Select(id => new DestinationState(id, new DestinationModel(new DestinationConfig { Address = $"http://{id}/" })))];
        foreach (var destination in All) Cluster.Destinations[destination.DestinationId] = destination;
        Cluster.DestinationsState = new ClusterDestinationsState(All, All);
        Register.OnClusterAdded(Cluster);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.Zero));

    public IGatewaySettingsSource Settings { get; }

    public HealthRegister Register { get; }

    public ClusterState Cluster { get; }

    public IReadOnlyList<DestinationState> All { get; }

    public static ClusterConfig Config(bool checks = false, bool requests = false, IReadOnlyDictionary<string, string>? metadata = null) => new()
    {
        ClusterId = "app",
        Metadata = metadata,
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig { Enabled = checks },
            Passive = new PassiveHealthCheckConfig { Enabled = requests, ReactivationPeriod = TimeSpan.FromSeconds(30) },
        },
    };

    public HealthReason Reason() => new("connect_refused", "It refused the connection.", Clock.GetUtcNow());

    public bool IsDown(string id) => Register.Of("app", Cluster.Destinations[id]).IsUnhealthy(heedChecks: true, heedRequests: true);

    public void Dispose()
    {
        _metrics.Dispose();
        _services.Dispose();
    }

    private sealed class NoClient() : HttpMessageInvoker(new SocketsHttpHandler())
    {
        public static NoClient Instance { get; } = new();
    }

    private sealed class FixedSettings(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current => settings;

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
