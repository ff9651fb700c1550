using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Resilience;

namespace ProxyGate.Gateway.Tests.Resilience;

public class RetryBudgetTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void It_is_a_share_of_the_requests_of_the_last_ten_seconds()
    {
        var budget = new RetryBudget(_clock);
        for (var i = 0; i < 1000; i++)
        {
            budget.CountRequest();
            if (i % 100 == 99) _clock.Advance(TimeSpan.FromSeconds(0.9));
        }

        Assert.Equal(200, Taken(budget, new RetrySettings { BudgetPerSecond = 0 }));
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, Taken(budget, new RetrySettings { BudgetPerSecond = 0 }));
    }

    [Fact]
    public void A_quiet_cluster_has_its_few_a_second()
    {
        var budget = new RetryBudget(_clock);
        budget.CountRequest();
        Assert.Equal(10, Taken(budget, new RetrySettings()));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, Taken(budget, new RetrySettings()));
    }

    [Fact]
    public void Without_a_percentage_there_is_no_bound() =>
        Assert.Equal(100_000, Taken(new RetryBudget(_clock), new RetrySettings { BudgetPercent = null }));

    private static int Taken(RetryBudget budget, RetrySettings settings)
    {
        var taken = 0;
        while (taken < 100_000 && budget.TryTake(settings)) taken++;
        return taken;
    }
}
