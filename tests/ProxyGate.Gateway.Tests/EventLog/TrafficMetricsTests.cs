using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.EventLog;

/// <summary>What the metrics say of retries and of requests that were turned away.</summary>
public sealed class TrafficMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly GatewayMetrics _metrics;
    private readonly MeterListener _listener = new();
    private readonly List<string> _heard = [];

    public TrafficMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _metrics = new GatewayMetrics(meters);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name is "proxygate.retries" or "proxygate.requests.turned_away") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _heard.Add($"{instrument.Name} {value} {string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))}"));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData(CauseId.CircuitOpen)]
    [InlineData(CauseId.DestinationLimitReached)]
    [InlineData(CauseId.GatewayOverloaded)]
    public void A_request_that_was_turned_away_is_counted_as_such_and_one_event_may_stand_for_many(string cause)
    {
        _metrics.TurnedAway(SomeFailure.Event(cause: cause) with { Occurrences = 40 });
        _listener.RecordObservableInstruments();
        Assert.Equal([$"proxygate.requests.turned_away 40 cluster=app cause={cause}"], _heard);
    }

    [Fact]
    public void A_request_that_failed_at_its_destination_was_not_turned_away()
    {
        _metrics.TurnedAway(SomeFailure.Event());
        _listener.RecordObservableInstruments();
        Assert.Empty(_heard);
    }

    [Fact]
    public void Each_further_attempt_is_counted_with_what_it_was_for_and_what_came_of_it()
    {
        _metrics.Retried(Tried(saved: true, CauseId.ConnectRefused, CauseId.StaleConnection, null));
        Assert.Equal(
            ["proxygate.retries 1 cluster=app cause=connect_refused result=failed", "proxygate.retries 1 cluster=app cause=stale_connection result=saved"],
            _heard);
        _heard.Clear();
        _metrics.Retried(Tried(saved: false, CauseId.ConnectRefused, CauseId.ConnectTimeout));
        Assert.Equal(["proxygate.retries 1 cluster=app cause=connect_refused result=failed"], _heard);
    }

    [Fact]
    public void An_attempt_that_the_budget_forbade_is_counted()
    {
        var e = Tried(saved: false, CauseId.ConnectRefused);
        _metrics.Retried(e with { Request = e.Request with { TriedNoMore = TriedNoMore.BudgetUsed } });
        Assert.Equal(["proxygate.retries 1 cluster=app cause=connect_refused result=budget_used"], _heard);
    }

    [Fact]
    public void One_attempt_is_no_retry()
    {
        _metrics.Retried(Tried(saved: false, CauseId.ConnectRefused));
        Assert.Empty(_heard);
    }

    /// <summary>A request with these attempts; <c>null</c>: one that was answered well.</summary>
    private static FailureEvent Tried(bool saved, params string?[] causes)
    {
        var e = SomeFailure.Event(saved: saved);
        var failure = e.Diagnosis.Failure with { AttemptCauses = [.. causes.Select(c => c is null ? null : CauseCatalogue.Get(c))] };
        return e with { Diagnosis = e.Diagnosis with { Failure = failure } };
    }
}
