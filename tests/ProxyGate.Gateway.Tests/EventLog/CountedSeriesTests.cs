using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.EventLog;

/// <summary>What is counted with every request has the names, the tags and the kinds that people's dashboards know, and loses nothing.</summary>
public sealed class CountedSeriesTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, string> _kinds = [];
    private readonly SortedDictionary<string, long> _told = new(StringComparer.Ordinal);

    public CountedSeriesTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!ReferenceEquals(instrument.Meter.Scope, meters)) return;
            _kinds[instrument.Name] = $"{instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal)} {instrument.Unit}";
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _told[$"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}".TrimEnd()] = value);
        _listener.Start();
        _metrics = new GatewayMetrics(meters);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void Requests_are_told_by_route_cluster_and_class_of_status()
    {
        foreach (var status in new[] { 200, 204, 301, 404, 502, 502, 0, 999 })
        {
            _metrics.RequestStarted();
            _metrics.RequestEnded("shop", "app", status, 1);
        }

        // The same names out of a changed configuration; the same route led elsewhere; and no route at all.
        _metrics.RequestEnded(new string("shop"), new string("app"), 200, 1);
        _metrics.RequestEnded("shop", "other", 200, 1);
        _metrics.RequestEnded(null, null, 404, 1);
        Assert.Equal(
            [
                "proxygate.requests route= cluster= status=4xx: 1",
                "proxygate.requests route=shop cluster=app status=2xx: 3",
                "proxygate.requests route=shop cluster=app status=3xx: 1",
                "proxygate.requests route=shop cluster=app status=4xx: 1",
                "proxygate.requests route=shop cluster=app status=5xx: 2",
                "proxygate.requests route=shop cluster=app status=none: 2",
                "proxygate.requests route=shop cluster=other status=2xx: 1",
            ],
            Told("proxygate.requests "));
        Assert.Equal(("Counter {request}", "Counter {request}", "Counter {request}", "UpDownCounter {request}"), (_kinds["proxygate.requests"], _kinds["proxygate.failures"], _kinds["proxygate.requests.turned_away"], _kinds["proxygate.requests.active"]));
    }

    [Fact]
    public void Failures_are_told_by_cause_party_route_destination_and_whether_they_were_saved()
    {
        _metrics.Failed(SomeFailure.Event() with { Occurrences = 7 });
        _metrics.Failed(SomeFailure.Event());
        _metrics.Failed(SomeFailure.Event() with { Saved = true });
        Assert.Equal(
            [
                "proxygate.failures cause=connect_refused party=upstream_process route=shop destination=app1 saved=false: 8",
                "proxygate.failures cause=connect_refused party=upstream_process route=shop destination=app1 saved=true: 1",
            ],
            Told("proxygate.failures"));
        _metrics.TurnedAway(SomeFailure.Event(cause: CauseId.CircuitOpen));
        Assert.Equal(["proxygate.requests.turned_away cluster=app cause=circuit_open: 1"], Told("proxygate.requests.turned_away"));
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_end_at_once_and_what_is_under_way_is_told()
    {
        _metrics.RequestStarted();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                _metrics.RequestStarted();
                _metrics.RequestEnded($"route{i % 3}", "app", 200, 1);
            }
        })));
        Assert.Equal(40_000, Told("proxygate.requests route").Sum(t => long.Parse(t[(t.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
        Assert.Equal(["proxygate.requests.active: 1"], Told("proxygate.requests.active"));
    }

    private string[] Told(string instrument)
    {
        _told.Clear();
        _listener.RecordObservableInstruments();
        return [.. _told.Where(t => t.Key.StartsWith(instrument, StringComparison.Ordinal)).Select(t => $"{t.Key}: {t.Value}")];
    }
}
