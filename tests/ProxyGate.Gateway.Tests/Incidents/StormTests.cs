using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Counting;

namespace ProxyGate.Gateway.Tests.Incidents;

/// <summary>In a storm lines are thinned and counts stay exact.</summary>
public sealed class StormTests
{
    [Fact]
    public void The_first_twenty_are_written_and_then_ten_a_second_which_stand_for_the_others()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 5000; i++)
        {
            gateway.Fail();
            gateway.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.All(gateway.Lines.Take(LineThinning.AtOnce), l => Assert.Equal(1, l.Occurrences));
        Assert.InRange(gateway.Lines.Count, LineThinning.AtOnce + 45, LineThinning.AtOnce + 55);
        gateway.Clock.Advance(LineThinning.LongestFold);
        gateway.Batch();
        Assert.Equal(5000, gateway.Lines.Sum(l => l.Occurrences));
    }

    [Fact]
    public void An_outage_that_is_no_storm_is_written_whole()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 600; i++)
        {
            gateway.Fail();
            gateway.Clock.Advance(TimeSpan.FromMilliseconds(101));
        }

        Assert.Equal(600, gateway.Lines.Count);
        Assert.All(gateway.Lines, l => Assert.Equal(1, l.Occurrences));
    }

    [Fact]
    public void What_is_folded_when_the_storm_ends_is_written_with_the_last_of_it()
    {
        var gateway = new Recorder();
        FailureEvent last = null!;
        for (var i = 0; i < 100; i++) last = gateway.Fail();
        gateway.Clock.Advance(LineThinning.LongestFold - TimeSpan.FromMilliseconds(1));
        gateway.Batch();
        Assert.Equal(LineThinning.AtOnce, gateway.Lines.Count);

        gateway.Clock.Advance(TimeSpan.FromMilliseconds(1));
        gateway.Batch();

        Assert.Equal((last.Id, 80), (gateway.Lines[^1].Id, (int)gateway.Lines[^1].Occurrences));
    }

    [Fact]
    public void A_gateway_that_stops_in_a_storm_writes_what_is_folded()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 100; i++) gateway.Fail();
        gateway.Batch(stopping: true);
        Assert.Equal(100, gateway.Lines.Sum(l => l.Occurrences));
    }

    [Fact]
    public void Every_failure_has_a_line_or_is_noted_with_the_line_that_stands_for_it()
    {
        var gateway = new Recorder();
        var all = new List<FailureEvent>();
        for (var i = 0; i < 3000; i++)
        {
            all.Add(gateway.Fail(saved: i % 3 == 0));
            gateway.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        var notes = gateway.Batch(stopping: true).Folded;
        var lines = gateway.Lines.ToDictionary(l => l.Id);
        Assert.All(all.Where(e => !lines.ContainsKey(e.Id)), e =>
        {
            var note = Assert.Single(notes, n => FoldedIds.Contain(n.Ids, FoldedIds.BytesOf(e.Id)));
            Assert.Equal((e.Incident, e.Saved, note.Count), (note.Incident, lines[note.Line].Saved, lines[note.Line].Occurrences));
            Assert.InRange(note.Time - e.Time, TimeSpan.Zero, TimeSpan.FromSeconds(1.5));
        });
        Assert.Equal(0, gateway.Tracker.FoldedDropped);
        Assert.Empty(gateway.Batch().Folded);
    }

    [Fact]
    public void Bytes_of_two_neighbours_that_look_like_an_id_are_none()
    {
        var ids = new FoldedIds();
        ids.Add(FailureId.Of(0x01_02_03_04_05));
        ids.Add(FailureId.Of(0x06_07_08_09_0a));
        var bytes = ids.Take();
        Assert.True(FoldedIds.Contain(bytes, FoldedIds.BytesOf(FailureId.Of(0x06_07_08_09_0a))));
        Assert.False(FoldedIds.Contain(bytes, FoldedIds.BytesOf(FailureId.Of(0x02_03_04_05_06))));
        Assert.False(FoldedIds.Contain(bytes, FoldedIds.BytesOf(FailureId.Of(0))));
    }

    [Fact]
    public void Ids_that_nobody_takes_are_bounded_and_those_that_did_not_fit_are_counted()
    {
        var gateway = new Recorder();
        var e = gateway.Fail();
        const int Storm = 1_300_000;
        for (var i = 0; i < Storm; i++)
        {
            gateway.Intake.Take(e);
            if (i % 20_000 == 0) gateway.Clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        gateway.Tracker.TakeFolded(all: true);
        var kept = gateway.Tracker.TakeFoldedIds();
        Assert.InRange(kept.Sum(n => n.Ids.Length / FoldedIds.IdLength), 900_000, 1_000_000);
        var lines = kept.Count + (Storm / 20_000);
        Assert.InRange(gateway.Tracker.FoldedDropped + kept.Sum(n => n.Ids.Length / FoldedIds.IdLength), Storm - LineThinning.AtOnce - (2 * lines), Storm);
    }

    [Fact]
    public void Saved_requests_and_failed_ones_are_never_folded_into_each_other()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 1000; i++) gateway.Fail(saved: i % 3 == 0);
        gateway.Batch(stopping: true);
        Assert.Equal((334, 666), (gateway.Lines.Where(l => l.Saved).Sum(l => l.Occurrences), gateway.Lines.Where(l => !l.Saved).Sum(l => l.Occurrences)));
    }

    [Fact]
    public void What_an_open_circuit_turned_away_is_counted_with_what_opened_it_and_never_folded_into_it()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 1000; i++)
        {
            var counted = gateway.Tracker.Count(Failures.Of("shop", "app1", "connect_refused"));
            if (gateway.Intake.Take(Recorder.Event(i % 10 == 0 ? "connect_refused" : "circuit_open", counted)) is { } line) gateway.Lines.Add(line);
        }

        gateway.Batch(stopping: true);
        Assert.Equal(1000, Assert.Single(gateway.Tracker.Snapshot()).Count);
        Assert.Equal(
            [("circuit_open", 900L), ("connect_refused", 100L)],
            gateway.Lines.GroupBy(l => l.Diagnosis.Failure.Cause.Id, (cause, lines) => (cause, lines.Sum(l => l.Occurrences))).Order());
    }

    [Fact]
    public void Each_incident_has_its_own_room()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 1000; i++) gateway.Fail();
        var other = gateway.Fail(destination: "app2");
        Assert.Equal(other.Id, gateway.Lines[^1].Id);
    }

    [Fact]
    public void Without_a_limit_every_event_is_written()
    {
        var gateway = new Recorder(linesPerSecond: null);
        for (var i = 0; i < 1000; i++) gateway.Fail();
        Assert.Equal(1000, gateway.Lines.Count);
    }

    [Fact]
    public void Many_threads_lose_no_failure_and_count_none_twice()
    {
        var gateway = new Recorder();
        var lines = new ConcurrentBag<FailureEvent>();
        var e = gateway.Fail();
        Parallel.For(0, 50_000, _ =>
        {
            gateway.Tracker.Count(Failures.Of("shop", "app1", "connect_refused"));
            if (gateway.Intake.Take(e) is { } line) lines.Add(line);
        });
        foreach (var line in gateway.Tracker.TakeFolded(all: true)) lines.Add(line);

        Assert.Equal(50_000, lines.Sum(l => l.Occurrences));
        var stored = Assert.Single(gateway.Tracker.TakeChanged(10));
        Assert.Equal((50_001, 50_001), (stored.Incident.Count, stored.Minutes.Sum(m => m.Count)));
    }

    [Fact]
    public void A_storm_of_every_path_and_client_there_is_leaves_a_bounded_trace()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 100_000; i++)
        {
            gateway.Tracker.Count(Failures.Of("shop", "app1", "connect_refused", $"/{i}") with { Client = new System.Net.IPAddress((long)i) });
        }

        var stored = Assert.Single(gateway.Tracker.TakeChanged(10));
        Assert.Equal((32, 32), (stored.Paths.Known.Count, stored.Clients.Known.Count));
        Assert.Equal(100_000, stored.Paths.Known.Sum(p => p.Count) + stored.Paths.Others);
        Assert.Equal(100_000, stored.Clients.Known.Sum(p => p.Count) + stored.Clients.Others);
    }

    [Fact]
    public void A_storm_of_incidents_is_bounded_too()
    {
        var gateway = new Recorder();
        for (var i = 0; i < 5000; i++)
        {
            gateway.Fail(destination: $"app{i}");
            if (i % 2 == 0) gateway.Succeed(destination: $"app{i}");
        }

        Assert.InRange(gateway.Tracker.Snapshot().Count, 1, IncidentTracker.MaxIncidents);
        Assert.True(gateway.Samples.Dropped > 0);
    }
}
