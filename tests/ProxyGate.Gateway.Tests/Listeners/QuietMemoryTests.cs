using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public sealed class QuietMemoryTests : IDisposable
{
    private const long MiB = 1024 * 1024;

    private readonly FakeTimeProvider _clock = new();
    private readonly BlockPool _blocks = new();

    [Fact]
    public void Memory_is_given_back_once_work_is_over_and_only_once_for_each_bout_of_it()
    {
        var memory = Make();
        Assert.False(Look(memory, 30 * MiB));
        Assert.True(Look(memory, 30 * MiB));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.False(Look(memory, 30 * MiB)));
        Assert.False(Look(memory, 60 * MiB));
        Assert.True(Look(memory, 60 * MiB + 1000));
    }

    [Fact]
    public void Never_while_there_is_work()
    {
        var memory = Make();
        Assert.All(Enumerable.Range(1, 1000), i => Assert.False(Look(memory, i * MiB)));
    }

    [Fact]
    public void Not_for_the_little_that_an_idle_gateway_does()
    {
        var memory = Make();
        Assert.All(Enumerable.Range(1, 31), i => Assert.False(Look(memory, i * MiB / 4)));
    }

    [Fact]
    public void Not_more_than_once_a_minute()
    {
        var memory = Make();
        Look(memory, 30 * MiB);
        Assert.True(Look(memory, 30 * MiB));
        Look(memory, 60 * MiB);
        var looks = 1;
        while (!Look(memory, 60 * MiB)) looks++;
        Assert.InRange(looks, 10, 12);
    }

    [Fact]
    public async Task The_blocks_that_nobody_has_are_given_up()
    {
        var kept = Kept();
        using var memory = Make();
        await memory.StartAsync(TestContext.Current.CancellationToken);
        await ListenerHarness.UntilAsync(() =>
        {
            _clock.Advance(QuietMemory.LookEvery);
            return !kept.IsAlive;
        });
        await memory.StopAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => _blocks.Dispose();

    private QuietMemory Make() => new(_blocks, _clock, NullLogger<QuietMemory>.Instance);

    private bool Look(QuietMemory memory, long allocated)
    {
        _clock.Advance(QuietMemory.LookEvery);
        return memory.IsTimeTo(allocated);
    }

    private WeakReference Kept()
    {
        var block = _blocks.Rent();
        block.Dispose();
        return new WeakReference(block);
    }
}
