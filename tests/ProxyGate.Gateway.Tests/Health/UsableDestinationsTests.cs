using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Tests.Health;

public class UsableDestinationsTests
{
    private static readonly string[] s_three = ["one", "two", "three"];

    [Fact]
    public void What_was_found_unhealthy_gets_no_requests()
    {
        using var app = Down("two");
        Assert.Equal(["one", "three"], Usable(app, UsableDestinations.HealthyAndUnknown, 0));
        Assert.Equal(["one", "three"], Usable(app, UsableDestinations.HealthyOrPanic, 1));
    }

    [Fact]
    public void When_none_is_left_the_policies_part()
    {
        using var app = Down(s_three);
        Assert.Empty(Usable(app, UsableDestinations.HealthyAndUnknown, 0));
        Assert.Equal(s_three, Usable(app, UsableDestinations.HealthyOrPanic, 1));
    }

    [Theory]
    [InlineData(50, 1, 2)]
    [InlineData(50, 2, 3)]
    [InlineData(33, 2, 1)]
    [InlineData(100, 1, 3)]
    [InlineData(0, 3, 0)]
    public void Below_the_panic_threshold_all_are_used(int panic, int down, int usable)
    {
        using var app = Down(panic, s_three[..down]);
        Assert.Equal(usable, Usable(app, UsableDestinations.HealthyAndUnknown, 0).Count);
    }

    [Fact]
    public void Where_nobody_is_asked_nobody_is_heeded()
    {
        using var app = Down("two");
        var policy = new UsableDestinations(UsableDestinations.HealthyAndUnknown, 0, app.Register, app.Settings);
        Assert.Same(app.All, policy.GetAvailalableDestinations(Destinations.Config(), app.All));
        Assert.Equal(3, policy.GetAvailalableDestinations(Destinations.Config(requests: true), app.All).Count);
        Assert.Equal(2, policy.GetAvailalableDestinations(Destinations.Config(checks: true), app.All).Count);
    }

    private static Destinations Down(params string[] ids) => Down(null, ids);

    /// <summary>A cluster whose checks have failed at these.</summary>
    private static Destinations Down(int? panic, params string[] ids)
    {
        var app = new Destinations(Destinations.Config(checks: true), new HealthSettings { Fall = 1, Panic = panic }, s_three);
        foreach (var id in ids) app.Register.Checked(app.Cluster, app.Cluster.Destinations[id], app.Reason(), 1);
        return app;
    }

    private static List<string> Usable(Destinations app, string name, int panicUnlessSet) =>
        [.. new UsableDestinations(name, panicUnlessSet, app.Register, app.Settings).GetAvailalableDestinations(app.Cluster.Model.Config, app.All).Select(d => d.DestinationId)];
}
