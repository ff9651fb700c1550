using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Probing;

namespace ProxyGate.Gateway.Tests.Probing;

public class FailureRateTests
{
    private const int Fewest = 10;

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_few_failures_are_no_pattern()
    {
        var rate = new FailureRate(_clock);
        for (var i = 0; i < Fewest - 1; i++) Assert.Equal(0, rate.Add(failed: true, Fewest));
        Assert.Equal(1, rate.Add(failed: true, Fewest));
    }

    [Fact]
    public void It_is_the_failed_part_of_all_requests_and_a_good_one_asks_for_nothing()
    {
        var rate = new FailureRate(_clock);
        for (var i = 0; i < 30; i++) Assert.Equal(0, rate.Add(failed: false, Fewest));
        for (var i = 1; i <= 10; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(i / (30.0 + i), rate.Add(failed: true, Fewest), 6);
        }
    }

    [Fact]
    public void A_minute_later_nothing_of_it_counts_any_more()
    {
        var rate = new FailureRate(_clock);
        for (var i = 0; i < 20; i++) rate.Add(failed: true, Fewest);
        _clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, rate.Add(failed: true, Fewest));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, rate.Add(failed: true, Fewest));
        _clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 8; i++) Assert.Equal(0, rate.Add(failed: i % 2 == 0, Fewest));
        Assert.Equal(0, rate.Add(failed: false, Fewest));
        Assert.Equal(0.5, rate.Add(failed: true, Fewest));
    }
}
