using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Incidents;

namespace ProxyGate.Gateway.Tests.Incidents;

public sealed class IncidentTrackerTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Alike_failures_are_one_incident_and_others_are_not()
    {
        var tracker = new IncidentTracker(_clock, new Random(1));
        var first = tracker.Open("shop", "app1", "connect_refused");
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(first, tracker.Open("shop", "app1", "connect_refused"));
        Assert.NotEqual(first, tracker.Open("shop", "app2", "connect_refused"));
        Assert.NotEqual(first, tracker.Open("shop", "app1", "connect_timeout"));
        Assert.NotEqual(first, tracker.Open(null, null, "route_not_found"));
        var incident = tracker.Snapshot().Single(i => i.Id == first);
        Assert.Equal((2, TimeSpan.FromSeconds(5)), ((int)incident.Count, incident.LastSeen - incident.FirstSeen));
    }

    [Fact]
    public void A_success_closes_what_is_open_there_and_nothing_else()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.MarkSuccess("shop", "app1");
        var success = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(1));
        var closed = tracker.Open("shop", "app1", "connect_refused");
        var open = tracker.Open("shop", "app2", "connect_refused");
        var recovered = new List<Incident>();
        tracker.Recovered += recovered.Add;
        _clock.Advance(TimeSpan.FromMinutes(1));

        tracker.MarkSuccess("shop", "app1");

        Assert.Equal(closed, Assert.Single(recovered).Id);
        Assert.Equal(success, recovered[0].LastSuccess);
        Assert.Equal(_clock.GetUtcNow(), recovered[0].RecoveredAt);
        Assert.Equal(1, tracker.OpenCount);
        Assert.Equal([open, closed], tracker.Snapshot().Select(i => i.Id));
        Assert.NotEqual(closed, tracker.Open("shop", "app1", "connect_refused"));
    }

    [Fact]
    public void A_success_older_than_the_failure_closes_nothing()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Open("shop", "app1", "connect_refused");
        tracker.MarkSuccess("shop", "app1", _clock.GetUtcNow() - TimeSpan.FromSeconds(1));
        Assert.Equal(1, tracker.OpenCount);

        tracker.MarkSuccess("shop", "app1", _clock.GetUtcNow() + TimeSpan.FromSeconds(1));
        Assert.Equal(0, tracker.OpenCount);
    }

    [Fact]
    public void The_number_kept_is_bounded_and_what_is_not_kept_is_counted()
    {
        var tracker = new IncidentTracker(_clock);
        for (var i = 0; i < 700; i++)
        {
            tracker.Open("shop", $"gone{i}", "connect_refused");
            tracker.MarkSuccess("shop", $"gone{i}");
        }

        for (var i = 0; i < IncidentTracker.MaxIncidents + 5; i++) Assert.StartsWith("inc-", tracker.Open("shop", $"app{i}", "connect_refused"), StringComparison.Ordinal);

        Assert.Equal(5, tracker.Dropped);
        Assert.Equal(IncidentTracker.MaxIncidents, tracker.Snapshot().Count);
    }

    [Fact]
    public void Many_threads_agree_on_the_incident_and_its_count()
    {
        var tracker = new IncidentTracker(_clock);
        var ids = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.For(0, 10_000, i =>
        {
            ids.Add(tracker.Open("shop", "app1", "connect_refused"));
            tracker.MarkSuccess("shop", "app2");
        });

        Assert.Single(ids.Distinct());
        Assert.Equal(10_000, Assert.Single(tracker.Snapshot()).Count);
    }
}
