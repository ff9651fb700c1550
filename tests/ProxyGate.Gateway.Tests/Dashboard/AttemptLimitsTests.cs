using System.Net;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Dashboard.SignIn;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class AttemptLimitsTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly AttemptLimits _limits;

    public AttemptLimitsTests() => _limits = new AttemptLimits(_clock);

    [Fact]
    public void A_client_has_five_attempts_and_then_one_each_half_minute()
    {
        var client = IPAddress.Parse("192.0.2.1");
        for (var i = 0; i < AttemptLimits.EachInARow; i++) Assert.True(_limits.TryTake(client, out _));
        Assert.False(_limits.TryTake(client, out var wait));
        Assert.Equal(TimeSpan.FromSeconds(30), wait);
        Assert.True(_limits.TryTake(IPAddress.Parse("192.0.2.2"), out _));

        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(_limits.TryTake(client, out _));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_limits.TryTake(client, out _));
        Assert.False(_limits.TryTake(client, out _));
    }

    [Fact]
    public void The_addresses_of_one_IPv6_network_are_one_client()
    {
        for (var i = 0; i < AttemptLimits.EachInARow; i++) Assert.True(_limits.TryTake(IPAddress.Parse($"2001:db8::{i + 1}"), out _));
        Assert.False(_limits.TryTake(IPAddress.Parse("2001:db8::ffff"), out _));
        Assert.True(_limits.TryTake(IPAddress.Parse("2001:db8:1::1"), out _));
    }

    [Fact]
    public void Many_clients_together_have_fifty_and_then_one_a_second()
    {
        for (var i = 0; i < AttemptLimits.AllInARow; i++) Assert.True(_limits.TryTake(new IPAddress([10, 0, 0, (byte)i]), out _));
        Assert.False(_limits.TryTake(IPAddress.Parse("192.0.2.1"), out var wait));
        Assert.Equal(TimeSpan.FromSeconds(1), wait);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_limits.TryTake(IPAddress.Parse("192.0.2.1"), out _));
    }

    [Fact]
    public void A_right_password_costs_nothing()
    {
        var client = IPAddress.Parse("192.0.2.1");
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(_limits.TryTake(client, out _));
            _limits.GiveBack(client);
        }
    }

    [Fact]
    public void However_many_clients_there_are_not_more_get_in()
    {
        var taken = 0;
        for (var i = 0; i < 100_000; i++)
        {
            if (_limits.TryTake(new IPAddress(i + 1), out _)) taken++;
        }

        Assert.Equal(AttemptLimits.AllInARow, taken);
    }
}
