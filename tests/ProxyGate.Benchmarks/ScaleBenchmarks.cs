using BenchmarkDotNet.Attributes;
using ProxyGate.Gateway.Incidents;

namespace ProxyGate.Benchmarks;

/// <summary>What the incidents' bookkeeping costs a good answer and a failure, where one destination is reached over few and over many routes.</summary>
[MemoryDiagnoser]
public class ScaleBenchmarks
{
    private IncidentTracker _tracker = null!;
    private string[] _routes = [];
    private FailureSeen _seen;
    private int _next;

    [Params(10, 1_000, 10_000)]
    public int Routes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _tracker = new IncidentTracker(TimeProvider.System);
        _routes = [.. Enumerable.Range(0, Routes).Select(n => $"route{n}")];
        foreach (var route in _routes) _tracker.MarkSuccess(route, "app", "app1", "GET", "/");
        _seen = new FailureSeen { Cause = "connect_refused", Route = "shop", Cluster = "app", Destination = "app1", Method = "GET", Path = "/basket", Neighbours = ["app1"] };
    }

    [Benchmark]
    public void GoodAnswer() => _tracker.MarkSuccess(_routes[_next = (_next + 1) % _routes.Length], "app", "app1", "GET", "/");

    [Benchmark]
    public string Failure() => _tracker.Count(_seen).Id;
}
