using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Tests.Health;

public class SlowStartTests
{
    private const int Draws = 4000;

    private static readonly TimeSpan OutOfUse = TimeSpan.FromSeconds(30);

    [Fact]
    public void One_that_comes_back_gets_a_growing_part_of_its_share_and_the_others_all_of_theirs()
    {
        using var app = App("back", "steady");
        Assert.False(app.Register.AnyWarming);
        TakeOut(app, "back");
        app.Clock.Advance(OutOfUse);
        Assert.True(app.Register.AnyWarming);

        Assert.InRange(Part(app, "back"), 0.07, 0.13);
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.InRange(Part(app, "back"), 0.45, 0.55);
        Assert.Equal(1, Part(app, "steady"));
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, Part(app, "back"));
        Assert.False(app.Register.AnyWarming);
    }

    [Fact]
    public void When_all_come_back_at_once_somebody_still_serves()
    {
        using var app = App("one", "two");
        TakeOut(app, "one");
        TakeOut(app, "two");
        app.Clock.Advance(OutOfUse);
        var slowStart = SlowStartOf(app);
        Assert.All(Enumerable.Range(0, Draws), _ => Assert.NotEmpty(slowStart.Chosen("app", app.All)));
    }

    [Fact]
    public void Without_a_slow_start_it_has_its_whole_share_at_once()
    {
        using var app = new Destinations(Destinations.Config(requests: true), new HealthSettings { SlowStart = TimeSpan.Zero }, "back", "steady");
        TakeOut(app, "back");
        app.Clock.Advance(OutOfUse);
        Assert.False(app.Register.AnyWarming);
        Assert.Equal(1, Part(app, "back"));
    }

    private static Destinations App(params string[] ids) => new(Destinations.Config(requests: true), new HealthSettings { SlowStart = TimeSpan.FromSeconds(10) }, ids);

    private static void TakeOut(Destinations app, string id)
    {
        app.Register.FailedRequests(app.Cluster, app.Cluster.Destinations[id], app.Reason(), OutOfUse);
        Assert.True(app.IsDown(id));
    }

    private static SlowStart SlowStartOf(Destinations app) => new(_ => Task.CompletedTask, app.Register, app.Settings, app.Clock);

    /// <summary>In which part of the draws it may be chosen.</summary>
    private static double Part(Destinations app, string id)
    {
        var slowStart = SlowStartOf(app);
        return Enumerable.Range(0, Draws).Count(_ => slowStart.Chosen("app", app.All).Any(d => d.DestinationId == id)) / (double)Draws;
    }
}
