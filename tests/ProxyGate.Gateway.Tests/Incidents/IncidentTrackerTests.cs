using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Counting;

namespace ProxyGate.Gateway.Tests.Incidents;

public sealed class IncidentTrackerTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Alike_failures_are_one_incident_and_others_are_not()
    {
        var tracker = new IncidentTracker(_clock, new Random(1));
        var first = tracker.Fail("shop", "app1", "connect_refused");
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(first.Id, tracker.Fail("shop", "app1", "connect_refused").Id);
        Assert.NotEqual(first.Id, tracker.Fail("shop", "app2", "connect_refused").Id);
        Assert.NotEqual(first.Id, tracker.Fail("shop", "app1", "connect_timeout").Id);
        Assert.NotEqual(first.Id, tracker.Fail(null, null, "route_not_found").Id);
        var incident = tracker.Snapshot().Single(i => i.Id == first.Id);
        Assert.Equal((2, TimeSpan.FromSeconds(5)), ((int)incident.Count, incident.LastSeen - incident.FirstSeen));
    }

    [Fact]
    public void A_success_closes_what_is_open_there_and_nothing_else()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Succeed("shop", "app1");
        var success = _clock.GetUtcNow();
        _clock.Advance(TimeSpan.FromMinutes(1));
        var closed = tracker.Fail("shop", "app1", "connect_refused").Id;
        var open = tracker.Fail("shop", "app2", "connect_refused").Id;
        _clock.Advance(TimeSpan.FromMinutes(1));
        var answered = _clock.GetUtcNow();
        tracker.Succeed("shop", "app1");

        Assert.Equal(1, tracker.OpenCount);
        Assert.DoesNotContain(tracker.TakeChanges(), c => c.Moment == IncidentMoment.Recovered);
        _clock.Advance(OutageHistory.Settling);
        var recovered = Assert.Single(tracker.TakeChanges());
        Assert.Equal((IncidentMoment.Recovered, closed), (recovered.Moment, recovered.Incident.Id));
        Assert.Equal(success, recovered.Incident.LastSuccess);
        Assert.Equal(answered, recovered.Incident.RecoveredAt);
        Assert.Equal(TimeSpan.FromMinutes(1), recovered.Outage!.Value.Downtime);
        Assert.Equal([open, closed], tracker.Snapshot().Select(i => i.Id));
    }

    [Fact]
    public void What_fails_again_soon_is_the_same_incident_and_says_that_it_comes_and_goes()
    {
        var tracker = new IncidentTracker(_clock);
        var first = tracker.Fail("shop", "app1", "connect_refused");
        tracker.Succeed("shop", "app1");
        _clock.Advance(IncidentTracker.FlapWindow - TimeSpan.FromSeconds(1));

        var again = tracker.Fail("shop", "app1", "connect_refused");

        Assert.Equal(first.Id, again.Id);
        Assert.Equal((first.Context.FirstSeen, 2, 1), (again.Context.FirstSeen, (int)again.Context.Count, again.Context.Recoveries));
        Assert.True(Assert.Single(tracker.Snapshot()).IsOpen);
    }

    [Fact]
    public void What_fails_again_long_after_is_a_new_incident()
    {
        var tracker = new IncidentTracker(_clock);
        var first = tracker.Fail("shop", "app1", "connect_refused");
        tracker.Succeed("shop", "app1");
        _clock.Advance(IncidentTracker.FlapWindow);

        var again = tracker.Fail("shop", "app1", "connect_refused");

        Assert.NotEqual(first.Id, again.Id);
        Assert.Equal((_clock.GetUtcNow(), 1, 0), (again.Context.FirstSeen, (int)again.Context.Count, again.Context.Recoveries));
        Assert.Equal([again.Id, first.Id], tracker.Snapshot().Select(i => i.Id));
    }

    [Fact]
    public void A_success_older_than_the_failure_closes_nothing()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail("shop", "app1", "connect_refused");
        var time = new SteadyTime(_clock);
        tracker.MarkSuccess("shop", "app", "app1", "GET", "/", time.Now - TimeSpan.TicksPerSecond);
        Assert.Equal(1, tracker.OpenCount);

        tracker.MarkSuccess("shop", "app", "app1", "GET", "/", time.Now + TimeSpan.TicksPerSecond);
        Assert.Equal(0, tracker.OpenCount);
    }

    [Fact]
    public void A_route_without_a_destination_to_send_to_recovers_with_its_first_good_answer()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail("shop", null, "no_healthy_destination");
        tracker.Succeed("blog", "app1");
        Assert.Equal(1, tracker.OpenCount);

        tracker.Succeed("shop", "app1");

        Assert.Equal(0, tracker.OpenCount);
    }

    [Fact]
    public void A_failure_no_good_answer_can_mend_is_closed_by_silence_without_a_recovery()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail(null, null, "route_not_found");
        tracker.Count(Failures.Of("shop", "app1", "client_disconnected") with { ByClient = true });
        tracker.Succeed("shop", "app1");
        Assert.Equal(2, tracker.OpenCount);

        _clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(0, tracker.OpenCount);
        Assert.All(tracker.Snapshot(), i => Assert.Equal((IncidentStatus.Quiet, null), (i.Status, i.RecoveredAt)));
        Assert.DoesNotContain(tracker.TakeChanges(), c => c.Moment == IncidentMoment.Recovered);
    }

    [Fact]
    public void The_incident_of_a_route_that_is_gone_does_not_stay_open_for_ever()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail("shop", "app1", "connect_refused");
        _clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(1, tracker.OpenCount);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, tracker.OpenCount);
    }

    [Fact]
    public void The_number_kept_is_bounded_and_what_is_not_kept_is_counted()
    {
        var tracker = new IncidentTracker(_clock);
        for (var i = 0; i < 700; i++)
        {
            tracker.Fail("shop", $"gone{i}", "connect_refused");
            tracker.Succeed("shop", $"gone{i}");
        }

        for (var i = 0; i < IncidentTracker.MaxIncidents + 5; i++) Assert.StartsWith("inc-", tracker.Fail("shop", $"app{i}", "connect_refused").Id, StringComparison.Ordinal);

        Assert.Equal(5, tracker.Dropped);
        Assert.Equal(IncidentTracker.MaxIncidents, tracker.Snapshot().Count);
    }

    [Fact]
    public void A_hundred_thousand_routes_and_destinations_are_not_all_remembered()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail("shop", "app1", "connect_refused");
        for (var i = 0; i < 100_000; i++)
        {
            tracker.Succeed($"route{i}", $"app{i}");
            if (i % 1000 == 0) tracker.Fail($"route{i}", "other", "connect_refused");
        }

        Assert.InRange(tracker.Places, HealthBook.MaxPlaces / 2, HealthBook.MaxPlaces);
        // The one with an open incident is still known, and still closed by a good answer.
        Assert.Equal(101, tracker.OpenCount);
        tracker.Succeed("shop", "app1");
        Assert.Equal(100, tracker.OpenCount);
        Assert.Equal(_clock.GetUtcNow(), tracker.Fail("route99999", "app99999", "connect_refused").Context.LastSuccess);
    }

    [Fact]
    public void A_destination_of_the_same_name_in_another_cluster_is_another()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.MarkSuccess("shop", "old", "app1", "GET", "/");
        // A reload gave the route another cluster.
        var failed = tracker.Count(Failures.Of("shop", "app1", "connect_refused") with { Cluster = "new" });
        Assert.Null(failed.Context.LastSuccess);

        tracker.MarkSuccess("shop", "new", "app1", "GET", "/");
        Assert.Equal(0, tracker.OpenCount);
    }

    [Fact]
    public void A_reload_that_moves_a_route_to_another_cluster_does_not_leave_its_incident_open()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Fail("shop", "app1", "connect_refused");
        tracker.MarkSuccess("shop", "new", "app1", "GET", "/");
        Assert.Equal(0, tracker.OpenCount);
        Assert.Empty(tracker.Fail("blog", "app1", "connect_refused").Context.OtherFailingRoutes);
    }

    [Fact]
    public void Many_threads_agree_on_the_incident_and_its_count()
    {
        var tracker = new IncidentTracker(_clock);
        var seen = new ConcurrentBag<FailureCounted>();
        Parallel.For(0, 10_000, i =>
        {
            seen.Add(tracker.Count(Failures.Of("shop", "app1", "response_timeout", $"/{i % 100}") with { Saved = i % 4 == 0 }));
            tracker.Succeed("shop", "app2");
            tracker.Succeed("blog", "app1", $"/{i % 7}");
        });

        Assert.Single(seen.Select(s => s.Id).Distinct());
        // Every failure has a number of its own: none is lost, none is counted twice.
        Assert.Equal(Enumerable.Range(1, 10_000).Select(n => (long)n), seen.Select(s => s.Context.Count).Order());
        var incident = Assert.Single(tracker.Snapshot());
        Assert.Equal((10_000, 2500), (incident.Count, incident.Saved));
    }

    [Fact]
    public void Failures_and_good_answers_at_once_lose_no_count_and_leave_no_incident_behind()
    {
        var tracker = new IncidentTracker(_clock);
        Parallel.For(0, 20_000, i =>
        {
            if (i % 2 == 0) tracker.Fail($"route{i % 3}", "app1", "connect_refused");
            else tracker.Succeed($"route{i % 3}", "app1");
        });
        foreach (var route in (string[])["route0", "route1", "route2"]) tracker.Succeed(route, "app1");

        Assert.Equal(0, tracker.OpenCount);
        Assert.Equal(10_000, tracker.Snapshot().Sum(i => i.Count));
        Assert.Empty(tracker.Fail("shop", "app9", "connect_refused").Context.OtherFailingRoutes);
    }

    [Fact]
    public void A_good_answer_costs_no_memory_while_nothing_is_open()
    {
        var tracker = new IncidentTracker(_clock);
        tracker.Succeed("shop", "app1");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) tracker.Succeed("shop", "app1");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

internal static class Failures
{
    /// <summary>In the cluster <c>app</c>; with a path, one that reached the app.</summary>
    public static FailureSeen Of(string? route, string? destination, string cause, string? path = null) => new()
    {
        Cause = cause,
        Route = route,
        Cluster = "app",
        Destination = destination,
        ReachedApp = path is not null,
        Method = "GET",
        Path = path ?? "/",
    };

    public static FailureCounted Fail(this IncidentTracker tracker, string? route, string? destination, string cause, string? path = null) =>
        tracker.Count(Of(route, destination, cause, path));

    public static void Succeed(this IncidentTracker tracker, string? route, string? destination, string path = "/") =>
        tracker.MarkSuccess(route, "app", destination, "GET", path);
}
