using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Forwarding;

public class IdleMemoryTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_limit_is_believed_when_two_closes_on_two_occasions_came_at_the_same_age()
    {
        var memory = new IdleMemory(_clock);
        Saw(memory, 4.6, 5.1);
        Saw(memory, 4.6, 5.1); // a connection beside it, at the same moment
        Assert.Null(memory.Limit);
        Assert.True(MayCloseAt(memory, 4.6));

        _clock.Advance(TimeSpan.FromSeconds(7));
        Saw(memory, 4.7, 5.2);

        Assert.Equal(TimeSpan.FromSeconds(4.6 - (4.6 / 5)), memory.Limit);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False(MayCloseAt(memory, 4.6));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Null(memory.Limit);
    }

    [Fact]
    public void Closes_at_different_ages_are_no_limit()
    {
        var memory = new IdleMemory(_clock);
        foreach (var age in new[] { 12.0, 3.0, 25.0, 7.0 })
        {
            Saw(memory, age - 0.5, age);
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Null(memory.Limit);
        // The youngest that was closed was still open at 2.5 s.
        Assert.True(MayCloseAt(memory, 1.3));
        Assert.False(MayCloseAt(memory, 1.2));
    }

    [Fact]
    public void An_app_that_was_restarted_twice_under_load_has_no_limit()
    {
        var memory = new IdleMemory(_clock);
        for (var i = 0; i < 5; i++)
        {
            Saw(memory, 0, 0.2);
            _clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Null(memory.Limit);
        Assert.True(MayCloseAt(memory, 0));
    }

    [Fact]
    public void Closes_by_an_app_that_ended_say_nothing_of_the_next()
    {
        var memory = new IdleMemory(_clock);
        Saw(memory, 0, 0.2);
        Assert.True(MayCloseAt(memory, 0));

        memory.WasDown();

        Assert.False(MayCloseAt(memory, 30));
        Saw(memory, 9.5, 10);
        Assert.False(MayCloseAt(memory, 1));
        Assert.True(MayCloseAt(memory, 5));
    }

    [Theory]
    [InlineData(60, 59)]
    [InlineData(5, 4)]
    [InlineData(2, 1.6)]
    [InlineData(1, 0.8)]
    [InlineData(0.5, 0.3)]
    [InlineData(0, 0)]
    public void The_margin_is_a_second_or_a_part_of_a_short_limit(double limit, double below) =>
        Assert.Equal(TimeSpan.FromSeconds(below), IdleMemory.Below(TimeSpan.FromSeconds(limit)));

    private static bool MayCloseAt(IdleMemory memory, double idle) => memory.MayCloseAt(TimeSpan.FromSeconds(idle));

    private static void Saw(IdleMemory memory, double open, double closed) => memory.Saw(TimeSpan.FromSeconds(open), TimeSpan.FromSeconds(closed));
}
