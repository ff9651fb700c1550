using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Incidents;

namespace ProxyGate.Gateway.Tests.Incidents;

/// <summary>What a page is told: since when, how often, and what else fails.</summary>
public sealed class FailureContextTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));
    private readonly IncidentTracker _tracker;

    public FailureContextTests() => _tracker = new IncidentTracker(_clock);

    private DateTimeOffset Now => _clock.GetUtcNow();

    [Fact]
    public void The_first_failure_counts_itself_and_knows_how_far_back_the_gateway_remembers()
    {
        _clock.Advance(TimeSpan.FromMinutes(3));

        var context = _tracker.Fail("shop", "app1", "connect_refused").Context;

        Assert.Equal((Now, Now, 1L, 0L), (context.Now, context.FirstSeen, context.Count, context.Saved));
        Assert.Equal(Now - TimeSpan.FromMinutes(3), context.GatewayStarted);
        Assert.Null(context.LastSuccess);
        Assert.Empty(context.OtherFailingRoutes);
        Assert.Empty(context.Neighbours);
    }

    [Fact]
    public void The_last_success_of_a_destination_is_that_over_any_route()
    {
        _tracker.Succeed("shop", "app1");
        _clock.Advance(TimeSpan.FromSeconds(30));
        _tracker.Succeed("blog", "app1");
        var last = Now;
        _clock.Advance(TimeSpan.FromSeconds(30));
        _tracker.Succeed("shop", "app2");

        Assert.Equal(last, _tracker.Fail("shop", "app1", "connect_refused").Context.LastSuccess);
        Assert.Equal(last, _tracker.Fail("news", "app1", "connect_refused").Context.LastSuccess);
        Assert.Null(_tracker.Fail("shop", null, "no_healthy_destination").Context.LastSuccess);
    }

    [Fact]
    public void Other_routes_are_named_while_they_fail_and_no_longer()
    {
        _tracker.Fail("blog", "app1", "connect_refused");
        _tracker.Fail("api", "app2", "response_timeout", "/report");
        Assert.Equal(["api", "blog"], _tracker.Fail("shop", "app1", "connect_refused").Context.OtherFailingRoutes);

        _tracker.Succeed("api", "app2");
        Assert.Equal(["blog"], _tracker.Fail("shop", "app1", "connect_refused").Context.OtherFailingRoutes);

        // Nothing was heard of it for long: nobody can say that it fails now.
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(_tracker.Fail("shop", "app1", "connect_refused").Context.OtherFailingRoutes);
    }

    [Fact]
    public void At_most_eight_other_routes_are_named_those_that_failed_last()
    {
        for (var i = 0; i < 100; i++) _tracker.Fail($"route{i:00}", "app1", "connect_refused");
        _tracker.Fail("route07", "app1", "connect_refused");

        Assert.Equal(
            ["route07", "route93", "route94", "route95", "route96", "route97", "route98", "route99"],
            _tracker.Fail("shop", "app1", "connect_refused").Context.OtherFailingRoutes);
    }

    [Fact]
    public void A_route_whose_requests_are_all_saved_does_not_fail()
    {
        _tracker.Count(Failures.Of("blog", "app1", "connect_refused") with { Saved = true });
        Assert.Empty(_tracker.Fail("shop", "app1", "connect_refused").Context.OtherFailingRoutes);
    }

    [Fact]
    public void Saved_requests_are_counted()
    {
        _tracker.Fail("shop", "app1", "connect_refused");
        var context = _tracker.Count(Failures.Of("shop", "app1", "connect_refused") with { Saved = true }).Context;
        Assert.Equal((2L, 1L), (context.Count, context.Saved));
    }

    [Fact]
    public void Neighbours_say_when_they_last_answered_and_what_they_fail_with()
    {
        _tracker.Succeed("shop", "app2");
        var good = Now;
        _clock.Advance(TimeSpan.FromSeconds(10));
        _tracker.Fail("blog", "app3", "connect_timeout");

        var context = _tracker.Count(Failures.Of("shop", "app1", "connect_refused") with { Neighbours = ["app2", "app3", "app4"] }).Context;

        Assert.Equal(
            [new NeighbourState("app2", good, null), new NeighbourState("app3", null, "connect_timeout"), new NeighbourState("app4", null, null)],
            context.Neighbours);
    }

    [Fact]
    public void A_neighbour_that_answers_over_another_route_does_not_fail()
    {
        _tracker.Fail("blog", "app2", "response_timeout", "/report");
        _clock.Advance(TimeSpan.FromSeconds(1));
        _tracker.Succeed("shop", "app2");

        var neighbour = Assert.Single(_tracker.Count(Failures.Of("shop", "app1", "connect_refused") with { Neighbours = ["app2"] }).Context.Neighbours);

        Assert.Equal(new NeighbourState("app2", Now, null), neighbour);
    }

    [Fact]
    public void A_large_cluster_is_not_listed_whole()
    {
        var many = Enumerable.Range(0, 1000).Select(i => $"app{i}").ToArray();
        Assert.Equal(IncidentTracker.MaxNeighbours, _tracker.Count(Failures.Of("shop", "app", "connect_refused") with { Neighbours = many }).Context.Neighbours.Count);
    }

    [Fact]
    public void A_client_that_left_speaks_against_no_route_and_no_destination()
    {
        var left = _tracker.Count(Failures.Of("blog", "app2", "client_disconnected", "/report") with { ByClient = true });
        Assert.Equal(1, left.Context.Count);

        var context = _tracker.Count(Failures.Of("shop", "app1", "connect_refused") with { Neighbours = ["app2"] }).Context;

        Assert.Empty(context.OtherFailingRoutes);
        Assert.Equal(new NeighbourState("app2", null, null), Assert.Single(context.Neighbours));
        Assert.Null(_tracker.Snapshot().Single(i => i.Id == left.Id).Destination);
    }

    [Fact]
    public void Other_paths_that_answer_over_another_route_show_that_it_is_one_path()
    {
        Assert.False(_tracker.Fail("api", "app1", "response_timeout", "/report").Context.OtherPathsAnswer);
        _clock.Advance(TimeSpan.FromSeconds(1));
        _tracker.Succeed("shop", "app1", "/basket");

        var context = _tracker.Fail("api", "app1", "response_timeout", "/report").Context;

        Assert.Equal((true, 2), (context.OtherPathsAnswer, (int)context.Count));
        Assert.Equal(["/report"], context.Paths);
    }

    [Fact]
    public void Other_paths_that_answer_over_the_same_route_do_so_too_and_the_count_goes_on()
    {
        for (var i = 0; i < 5; i++)
        {
            _tracker.Fail("shop", "app1", "response_timeout", "/report");
            _tracker.Succeed("shop", "app1", "/basket");
            _clock.Advance(TimeSpan.FromSeconds(10));
        }

        var context = _tracker.Fail("shop", "app1", "response_timeout", "/report").Context;

        Assert.Equal((true, 6, 5), (context.OtherPathsAnswer, (int)context.Count, context.Recoveries));
    }

    [Fact]
    public void A_failing_path_that_answers_in_between_is_not_a_matter_of_the_path()
    {
        _tracker.Fail("shop", "app1", "response_timeout", "/report");
        _tracker.Succeed("blog", "app1", "/basket");
        _tracker.Succeed("shop", "app1", "/report");
        Assert.False(_tracker.Fail("shop", "app1", "response_timeout", "/report").Context.OtherPathsAnswer);
    }

    [Fact]
    public void The_same_path_by_another_method_is_no_other_path()
    {
        _tracker.Count(Failures.Of("shop", "app1", "upstream_error_passed_through", "/order") with { Method = "POST" });
        _tracker.Succeed("shop", "app1", "/order");
        Assert.False(_tracker.Count(Failures.Of("shop", "app1", "upstream_error_passed_through", "/order") with { Method = "POST" }).Context.OtherPathsAnswer);
    }

    [Fact]
    public void A_connection_that_fails_is_never_a_matter_of_the_path()
    {
        _tracker.Fail("shop", "app1", "connect_refused");
        _tracker.Succeed("shop", "app1", "/basket");
        Assert.False(_tracker.Fail("shop", "app1", "connect_refused").Context.OtherPathsAnswer);
    }

    [Fact]
    public void A_hundred_thousand_failing_paths_leave_eight_and_no_claim_about_paths()
    {
        for (var i = 0; i < 100_000; i++) _tracker.Fail("shop", "app1", "response_timeout", $"/{i}/{new string('x', 400)}");
        _tracker.Succeed("blog", "app1", "/basket");

        var context = _tracker.Fail("shop", "app1", "response_timeout", "/0").Context;

        Assert.Equal(100_001, context.Count);
        Assert.Equal(8, context.Paths.Count);
        Assert.All(context.Paths, p => Assert.InRange(p.Length, 1, 256));
        Assert.False(context.OtherPathsAnswer);
    }
}
