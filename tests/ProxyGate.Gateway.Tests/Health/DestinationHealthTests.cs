using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Tests.Health;

public sealed class DestinationHealthTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly HealthSettings Settings = new() { Rise = 2, Fall = 3, Damping = TimeSpan.FromMinutes(5), SlowStart = TimeSpan.FromSeconds(10) };

    private readonly DestinationHealth _health = new();
    private DateTimeOffset _now = Noon;

    [Fact]
    public void It_goes_down_after_failures_in_a_row_and_comes_back_after_good_checks_in_a_row()
    {
        Assert.Equal(HealthChange.None, Check(good: true));
        Assert.Equal(HealthState.Healthy, Report().State);
        Assert.Equal([HealthChange.None, HealthChange.None, HealthChange.None], [Check(false), Check(false), Check(true)]);
        Assert.Equal([HealthChange.None, HealthChange.None, HealthChange.Down], [Check(false), Check(false), Check(false)]);
        Assert.Equal((HealthState.Unhealthy, "connect_refused", 2), (Report().State, Report().Reason!.Cause, Report().GoodChecksNeeded));
        Assert.Equal([HealthChange.None, HealthChange.None, HealthChange.None, HealthChange.Up], [Check(true), Check(false), Check(true), Check(true)]);
        Assert.Equal((HealthState.Healthy, null), (Report().State, Report().Reason));
    }

    [Fact]
    public void Since_is_when_the_state_began_and_the_reason_is_the_newest()
    {
        for (var i = 0; i < 3; i++) Check(false);
        var down = _now;
        _now = _now.AddSeconds(40);
        _health.Checked(new HealthReason("response_timeout", "It is silent.", _now), 5, _now, Settings);
        Assert.Equal((down, "response_timeout"), (Report().Since, Report().Reason!.Cause));
    }

    [Fact]
    public void A_check_that_disagrees_asks_for_another_soon()
    {
        Assert.False(_health.IsUndecided);
        Check(false);
        Assert.True(_health.IsUndecided);
        Check(false);
        Check(false);
        Check(false);
        Assert.False(_health.IsUndecided);
        Check(true);
        Assert.True(_health.IsUndecided);
        Check(true);
        Assert.False(_health.IsUndecided);
    }

    [Fact]
    public void Each_time_down_within_the_window_doubles_what_it_takes_to_come_back()
    {
        var needed = new List<int>();
        for (var round = 0; round < 8; round++)
        {
            for (var i = 0; i < Settings.Fall; i++) Check(false);
            var checks = 0;
            while (Report().State == HealthState.Unhealthy)
            {
                Check(true);
                Assert.True(++checks < 200);
            }

            needed.Add(checks);
        }

        Assert.Equal([2, 4, 8, 16, 32, 64, 64, 64], needed);
        _now = _now.AddMinutes(6);
        for (var i = 0; i < Settings.Fall; i++) Check(false);
        Assert.Equal(2, Report().GoodChecksNeeded);
    }

    [Fact]
    public void After_coming_back_its_share_grows_and_a_destination_that_was_never_down_has_all_of_it()
    {
        Check(true);
        Assert.Equal(1, Report().Share);
        for (var i = 0; i < 3; i++) Check(false);
        Check(true);
        Check(true);
        var shares = new List<double>();
        for (var i = 0; i <= 4; i++)
        {
            shares.Add(Report().Share);
            _now = _now.AddSeconds(2.5);
        }

        Assert.Equal([0.1, 0.25, 0.5, 0.75, 1], shares);
    }

    [Fact]
    public void Failed_requests_take_it_out_of_use_until_it_is_tried_again_and_a_good_check_does_not_change_that()
    {
        Check(true);
        Assert.Equal(HealthChange.Down, _health.FailedRequests(Reason(), _now, Settings));
        Assert.Equal(HealthChange.None, _health.FailedRequests(Reason(), _now, Settings));
        Assert.Equal(HealthChange.None, Check(true));
        Assert.True(Report().ByRequests);
        Assert.True(_health.IsUnhealthy(heedChecks: true, heedRequests: true));
        Assert.False(_health.IsUnhealthy(heedChecks: true, heedRequests: false));
        Assert.Equal(HealthChange.Up, _health.Reactivate(_now));
        Assert.Equal(HealthState.Healthy, Report().State);
    }

    [Fact]
    public void Down_for_two_reasons_it_is_back_only_when_both_are_over()
    {
        Assert.Equal(HealthChange.Down, _health.FailedRequests(Reason(), _now, Settings));
        Assert.Equal([HealthChange.None, HealthChange.None, HealthChange.None], [Check(false), Check(false), Check(false)]);
        Assert.Equal(HealthChange.None, _health.Reactivate(_now));
        Assert.Equal([HealthChange.None, HealthChange.Up], [Check(true), Check(true)]);
    }

    private HealthChange Check(bool good) => _health.Checked(good ? null : Reason(), 1, _now, Settings);

    private HealthReason Reason() => new("connect_refused", "127.0.0.1:1 refused the connection.", _now);

    private DestinationReport Report() => _health.Report(
        new DestinationReport { Cluster = "app", Destination = "one", Address = "http://127.0.0.1:1", State = HealthState.Unknown, Available = true },
        heedChecks: true, heedRequests: true, _now, Settings);
}
