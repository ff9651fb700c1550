using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Benchmarks;

/// <summary>
/// What it costs to find a request's route among few and among many, through the gateway's own table of routes. Routes told apart by the beginning of
/// the path, and by the host.
/// </summary>
[MemoryDiagnoser]
public class RoutingBenchmarks
{
    private const int Distinct = 1000;

    private readonly HttpContext[] _requests = new HttpContext[Distinct];
    private WebApplication _app = null!;
    private RequestDelegate _match = null!;
    private int _next;

    [Params(10, 1_000, 10_000)]
    public int Routes { get; set; }

    [Params("path", "host")]
    public string By { get; set; } = "";

    [GlobalSetup]
    public async Task PrepareAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.Services.AddReverseProxy().LoadFromMemory(
            [.. Enumerable.Range(0, Routes).Select(n => new RouteConfig { RouteId = $"route{n}", ClusterId = "app", Match = MatchOf(n) })],
            [new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://127.0.0.1:5000" } } }]);
        _app = builder.Build();
        _app.UseRoutes();
        // Matched is enough: nothing is forwarded.
        _app.Run(static _ => Task.CompletedTask);
        _app.MapReverseProxy();
        _match = ((IApplicationBuilder)_app).Build();
        for (var i = 0; i < Distinct; i++)
        {
            var n = (int)((long)i * Routes / Distinct);
            _requests[i] = new DefaultHttpContext { RequestServices = _app.Services, Request = { Method = "GET", Scheme = "http", Host = new HostString($"shop{n}.example"), Path = $"/section{n}/basket" } };
            await _match(_requests[i]);
            if (_requests[i].GetEndpoint()?.DisplayName != $"route{n}") throw new InvalidOperationException($"Request {i} found {_requests[i].GetEndpoint()?.DisplayName}, not route{n}.");
        }
    }

    [GlobalCleanup]
    public async Task EndAsync() => await _app.DisposeAsync();

    [Benchmark]
    public Task Match()
    {
        var request = _requests[_next = (_next + 1) % Distinct];
        request.SetEndpoint(null);
        return _match(request);
    }

    private RouteMatch MatchOf(int n) => By == "host" ? new RouteMatch { Hosts = [$"shop{n}.example"], Path = "/{**rest}" } : new RouteMatch { Path = $"/section{n}/{{**rest}}" };
}
