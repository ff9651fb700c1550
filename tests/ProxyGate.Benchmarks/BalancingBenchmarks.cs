using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Balancing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Resilience;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Benchmarks;

/// <summary>What it costs to choose a destination among few and among many, a tenth of them busy.</summary>
[MemoryDiagnoser]
public class BalancingBenchmarks
{
    private readonly HttpContext[] _clients = [.. Enumerable.Range(0, 256).Select(n => new DefaultHttpContext { Connection = { RemoteIpAddress = new IPAddress([10, 0, 0, (byte)n]) } })];
    private readonly ClusterState _cluster = new("app");
    private readonly ClusterGuard _guard = new(TimeProvider.System, static (_, _) => { });
    private DestinationState[] _destinations = [];
    private ILoadBalancingPolicy[] _policies = [];
    private int _next;

    [Params(10, 1_000)]
    public int Destinations { get; set; }

    [Params(false, true)]
    public bool Weighted { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _destinations = [.. Enumerable.Range(0, Destinations).Select(n => new DestinationState($"destination{n}", new DestinationModel(new DestinationConfig { Address = $"http://10.1.{n / 256}.{n % 256}:8080" })))];
        for (var i = 0; i < _destinations.Length; i += 10) _destinations[i].ConcurrentRequestCount = 2;
        var weights = Weighted ? _destinations.Select((d, i) => (d.DestinationId, Weight: 1 + (i % 4))).ToDictionary(w => w.DestinationId, w => w.Weight) : [];
        var given = new DestinationWeights(new Fixed(new GatewaySettings { Clusters = new Dictionary<string, ClusterSettings> { ["app"] = new() { Weights = weights } } }));
        _policies = [new WeightedRoundRobin(given), new WeightedLeastRequests(given), new ConsistentHash(given)];
    }

    [Benchmark]
    public DestinationState? RoundRobin() => Pick(0);

    [Benchmark]
    public DestinationState? LeastRequests() => Pick(1);

    [Benchmark]
    public DestinationState? Hash() => Pick(2);

    [Benchmark]
    public object? MaxPerDestination() => _guard.WithRoom(_destinations, 100);

    private DestinationState? Pick(int policy) => _policies[policy].PickDestination(_clients[_next = (_next + 1) & 0xff], _cluster, _destinations);

    private sealed class Fixed(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current => settings;

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
