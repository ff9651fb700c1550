using System.Diagnostics.Metrics;
using System.Net;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.EventLog.Writing;
using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Benchmarks;

/// <summary>What diagnosis costs a request that goes well: its recorder, its line in the access log, its metrics. Together they should stay under 2 µs.</summary>
[MemoryDiagnoser]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "EndAsync disposes of them.")]
public class RequestBenchmarks
{
    private static readonly TimeoutSettings s_timeouts = new();

    private readonly DefaultHttpContext _context = new() { Request = { Method = "GET", Path = "/basket" } };
    private AccessLog _json = null!;
    private AccessLog _combined = null!;
    private AccessRecord _record;
    private AccessRecord _withQuery;
    private ServiceProvider _services = null!;
    private GatewayMetrics _metrics = null!;
    private MeterProvider _reader = null!;

    [GlobalSetup]
    public void Prepare()
    {
        _json = new AccessLog(new AccessLogSettings { Format = "json" }, new Nowhere(), NullLogger.Instance, TimeProvider.System);
        _combined = new AccessLog(new AccessLogSettings { Format = "combined" }, new Nowhere(), NullLogger.Instance, TimeProvider.System);
        _record = new AccessRecord
        {
            Time = new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero),
            Client = IPAddress.Parse("203.0.113.9"),
            Method = "GET",
            Target = "/basket/of/one",
            Protocol = "HTTP/1.1",
            Host = "shop.example",
            Status = 200,
            BytesSent = 5120,
            UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            Referrer = "https://shop.example/",
            DurationMs = 12.345,
            Route = "shop",
            Cluster = "app",
            Destination = "app1",
            UpstreamStatus = 200,
        };
        _withQuery = _record with { Target = "/search?q=shoes&page=2" };
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _reader = Sdk.CreateMeterProviderBuilder().AddMeter(GatewayMetrics.MeterName).AddReader(new BaseExportingMetricReader(new Unread())).Build();
    }

    [GlobalCleanup]
    public async Task EndAsync()
    {
        await _json.DisposeAsync();
        await _combined.DisposeAsync();
        _reader.Dispose();
        await _services.DisposeAsync();
    }

    [Benchmark(Description = "recorder, answered well")]
    public object Recorder() => Recorded();

    [Benchmark(Description = "recorder, to facts")]
    public AttemptFacts RecorderToFacts() => Recorded().ToFacts();

    [Benchmark(Description = "access log, JSON")]
    public void AccessLineJson() => _json.Write(_record);

    [Benchmark(Description = "access log, JSON, with a query")]
    public void AccessLineJsonWithQuery() => _json.Write(_withQuery);

    [Benchmark(Description = "access log, combined")]
    public void AccessLineCombined() => _combined.Write(_record);

    [Benchmark(Description = "metrics, somebody reads them")]
    public void Metrics() => Count(_metrics);

    private static void Count(GatewayMetrics metrics)
    {
        metrics.RequestStarted();
        metrics.Phase(RequestPhase.FirstByte, "app", 11.5);
        metrics.RequestEnded("shop", "app", 200, 12.3);
    }

    private Attempt Recorded()
    {
        var attempt = new RequestRecord(_context, TimeProvider.System).Begin("app1", "http://127.0.0.1:5000", s_timeouts, 64 * 1024);
        attempt.SendCompleted();
        attempt.FirstByteReceived();
        attempt.UpstreamStatus = 200;
        attempt.HeadReceived = true;
        attempt.Answered();
        return attempt;
    }

    /// <summary>A target that takes everything.</summary>
    private sealed class Nowhere : ILineTarget
    {
        public string Name => "nowhere";

        public void Write(ReadOnlySpan<byte> lines, ref int written) => written = lines.Length;

        public void Dispose()
        {
        }
    }

    private sealed class Unread : BaseExporter<Metric>
    {
        public override ExportResult Export(in Batch<Metric> batch) => ExportResult.Success;
    }
}
