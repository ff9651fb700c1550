using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Tests.Incidents;

/// <summary>
/// Recorded streams in, incidents out. A line of a stream is a second, what happened, and optionally route, destination and cause; <c>clock</c>
/// sets the wall clock so many seconds forward or back, as an administrator or a time server does.
/// </summary>
public sealed class GroupingTests
{
    private readonly JumpingClock _clock = new(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));
    private readonly IncidentTracker _tracker;
    private readonly List<IncidentChange> _changes = [];

    public GroupingTests() => _tracker = new IncidentTracker(_clock, new Random(7)) { Gateway = "web1" };

    [Fact]
    public void One_outage_is_one_incident_and_its_recovery_has_the_right_downtime()
    {
        Play("""
            0 ok
            10 fail
            11 fail
            40 fail
            61.5 ok
            62 ok
            90 end
            """);

        var incident = Assert.Single(_tracker.Snapshot());
        Assert.Equal((IncidentStatus.Recovered, 3L, 0, TimeSpan.FromSeconds(51.5)), (incident.Status, incident.Count, incident.Flaps, incident.Downtime));
        Assert.Equal((At(10), At(40), At(61.5), At(0)), (incident.FirstSeen, incident.LastSeen, incident.RecoveredAt, incident.LastSuccess));
        Assert.Equal([IncidentMoment.Opened, IncidentMoment.Recovered], _changes.Select(c => c.Moment));
        Assert.Equal(new EndedOutage(At(10), TimeSpan.FromSeconds(51.5), 3), _changes[1].Outage);
    }

    [Fact]
    public void Two_causes_on_one_destination_are_two_incidents_and_one_answer_closes_both()
    {
        Play("""
            1 fail shop app1 connect_refused
            2 fail shop app1 connect_timeout
            3 fail shop app1 connect_refused
            9 ok
            20 end
            """);

        Assert.Equal([("connect_refused", 2L), ("connect_timeout", 1L)], _tracker.Snapshot().Select(i => (i.Cause, i.Count)).Order());
        Assert.All(_tracker.Snapshot(), i => Assert.Equal(IncidentStatus.Recovered, i.Status));
    }

    [Fact]
    public void Flapping_is_one_incident_with_its_outages()
    {
        Play("""
            0 fail
            5 ok
            20 fail
            21 fail
            30 ok
            60 fail
            61 ok
            80 end
            """);

        var incident = Assert.Single(_tracker.Snapshot());
        Assert.Equal((4L, 2, TimeSpan.FromSeconds(5 + 10 + 1)), (incident.Count, incident.Flaps, incident.Downtime));
        Assert.Equal(
            [new Outage(At(0), At(5), 1), new Outage(At(20), At(30), 2), new Outage(At(60), At(61), 1)],
            _tracker.TakeChanged(10).Single().Outages);
        Assert.Equal(
            [IncidentMoment.Opened, IncidentMoment.Recovered, IncidentMoment.Opened, IncidentMoment.Recovered, IncidentMoment.Opened, IncidentMoment.Recovered],
            _changes.Select(c => c.Moment));
    }

    [Fact]
    public void An_app_that_answers_every_second_request_is_one_outage_and_not_hundreds()
    {
        Play(string.Join('\n', Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{i * 0.5} {(i % 2 == 0 ? "fail" : "ok")}"))) + "\n120 end");

        var incident = Assert.Single(_tracker.Snapshot());
        Assert.Equal((100L, 0, TimeSpan.FromSeconds(99.5)), (incident.Count, incident.Flaps, incident.Downtime));
        Assert.Equal([IncidentMoment.Opened, IncidentMoment.Recovered], _changes.Select(c => c.Moment));
    }

    [Theory]
    [InlineData(-7200)]
    [InlineData(7200)]
    [InlineData(-1_700_000_000)]
    [InlineData(30)]
    public void A_wall_clock_that_is_set_in_the_middle_tears_nothing_apart(int seconds)
    {
        Play($"""
            0 ok
            10 fail
            20 clock {seconds}
            21 fail
            40 ok
            60 end
            """);

        var incident = Assert.Single(_tracker.Snapshot());
        Assert.Equal((IncidentStatus.Recovered, 2L, TimeSpan.FromSeconds(30)), (incident.Status, incident.Count, incident.Downtime));
        Assert.Equal(TimeSpan.FromSeconds(30), _changes[^1].Outage!.Value.Downtime);
        // All times are told as the clock goes now, so they still follow each other.
        Assert.Equal((At(10 + seconds), At(21 + seconds), At(40 + seconds)), (incident.FirstSeen, incident.LastSeen, incident.RecoveredAt));
        Assert.Equal(At(seconds), incident.LastSuccess);
        Assert.Equal(2, _tracker.TakeChanged(10).Single().Minutes.Sum(m => m.Count));
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_clock_that_is_set_between_two_outages_makes_them_neither_strangers_nor_one(int seconds)
    {
        Play($"""
            0 fail
            5 ok
            15 clock {seconds}
            30 fail
            35 ok
            50 end
            """);

        var incident = Assert.Single(_tracker.Snapshot());
        Assert.Equal((2L, 1, TimeSpan.FromSeconds(10)), (incident.Count, incident.Flaps, incident.Downtime));
    }

    [Fact]
    public void What_falls_silent_is_quiet_and_not_recovered()
    {
        Play("""
            0 fail - - route_not_found
            700 end
            """);

        Assert.Equal(IncidentStatus.Quiet, Assert.Single(_tracker.Snapshot()).Status);
        Assert.Equal([IncidentMoment.Opened], _changes.Select(c => c.Moment));
    }

    [Fact]
    public void Ten_times_as_many_failures_a_minute_are_told_once_a_minute_and_the_first_minute_is_what_it_is()
    {
        var lines = new List<string>();
        for (var i = 0; i < 500; i++) lines.Add(FormattableString.Invariant($"{i * 0.1} fail")); // the first minute, however bad
        for (var i = 0; i < 20; i++) lines.Add(FormattableString.Invariant($"{61 + i} fail"));
        for (var i = 0; i < 6000; i++) lines.Add(FormattableString.Invariant($"{125 + (i * 0.005)} fail"));
        Play(string.Join('\n', lines) + "\n160 end");

        Assert.Equal([IncidentMoment.Opened, IncidentMoment.Worsened], _changes.Select(c => c.Moment));
        Assert.Contains("at most 500 in a minute", _changes[1].Reason, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(_tracker.Snapshot()).WorsenedAt);
    }

    [Fact]
    public void Requests_that_are_no_longer_saved_are_worse()
    {
        Play("""
            0 saved
            1 saved
            2 fail
            3 fail
            4 end
            """);

        Assert.Equal([IncidentMoment.Opened, IncidentMoment.Worsened], _changes.Select(c => c.Moment));
        Assert.Contains("now clients see the failure", _changes[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gateway_that_stops_tells_a_recovery_it_has_not_watched_long()
    {
        Play("0 fail\n10 ok");
        _changes.AddRange(_tracker.TakeChanges(stopping: true));
        Assert.Equal([IncidentMoment.Opened, IncidentMoment.Recovered], _changes.Select(c => c.Moment));
    }

    /// <summary>Seconds after the beginning, by the clock as it went then.</summary>
    private static DateTimeOffset At(double seconds) => new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero).AddSeconds(seconds);

    private void Play(string stream)
    {
        var now = 0d;
        foreach (var line in stream.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var words = line.Split(' ');
            var at = double.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture);
            _clock.Advance(TimeSpan.FromSeconds(at - now));
            now = at;
            if (words[1] == "clock") _clock.Set(TimeSpan.FromSeconds(int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture)));
            var (route, destination) = (Name(words, 2, "shop"), Name(words, 3, "app1"));
            if (words[1] == "ok") _tracker.Succeed(route, destination);
            if (words[1] is "fail" or "saved") _tracker.Count(Failures.Of(route, destination, Name(words, 4, "connect_refused")!) with { Saved = words[1] == "saved" });
            _changes.AddRange(_tracker.TakeChanges());
        }
    }

    private static string? Name(string[] words, int at, string absent) => words.Length <= at || words[1] == "clock" ? absent : words[at] == "-" ? null : words[at];
}

/// <summary>A clock whose wall time can be set while time goes on as it does.</summary>
internal sealed class JumpingClock(DateTimeOffset start) : TimeProvider
{
    private TimeSpan _elapsed;
    private TimeSpan _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start + _elapsed + _set;

    public override long GetTimestamp() => _elapsed.Ticks;

    public void Advance(TimeSpan by) => _elapsed += by;

    public void Set(TimeSpan by) => _set += by;
}
