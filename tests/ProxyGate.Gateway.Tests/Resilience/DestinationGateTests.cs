using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Resilience;

namespace ProxyGate.Gateway.Tests.Resilience;

public class DestinationGateTests
{
    private static readonly ConcurrencySettings Settings = new() { MaxPerDestination = 2, Queue = 3, QueueTime = TimeSpan.FromSeconds(1), QueueTarget = TimeSpan.FromMilliseconds(20) };

    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_few_are_taken_a_few_wait_and_the_others_are_told_at_once()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(await Enter(gate));
        Assert.True(await Enter(gate));
        var waiting = Enumerable.Range(0, 3).Select(_ => Enter(gate)).ToArray();

        Assert.False(await Enter(gate));
        Assert.Equal((2, 3), (gate.UnderWay, gate.Waiting));

        gate.Leave();
        Assert.True(await waiting[0]);
        Assert.Equal((2, 2), (gate.UnderWay, gate.Waiting));

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await waiting[1]);
        Assert.False(await waiting[2]);
        gate.Leave();
        gate.Leave();
        Assert.Equal((0, 0), (gate.UnderWay, gate.Waiting));
    }

    [Fact]
    public async Task In_an_overload_the_newest_goes_first_and_nobody_waits_for_long()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(await Enter(gate));
        Assert.True(await Enter(gate));
        var patient = Enter(gate);
        _clock.Advance(TimeSpan.FromMilliseconds(150)); // the queue has not been empty since
        var newer = Enter(gate);

        gate.Leave();
        Assert.True(await newer);
        Assert.False(patient.IsCompleted);

        var late = Enter(gate);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.False(await late);
        Assert.Equal(1, gate.Waiting);
    }

    [Fact]
    public async Task Who_leaves_the_queue_takes_no_place_with_them()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(await Enter(gate));
        Assert.True(await Enter(gate));
        using var gone = new CancellationTokenSource();
        var waiting = gate.EnterAsync(2, Settings, gone.Token).AsTask();

        await gone.CancelAsync();

        Assert.False(await waiting);
        gate.Leave();
        gate.Leave();
        Assert.Equal((0, 0), (gate.UnderWay, gate.Waiting));
    }

    [Fact]
    public async Task However_many_come_and_go_no_place_is_lost_and_none_given_twice()
    {
        var gate = new DestinationGate(TimeProvider.System);
        var settings = Settings with { Queue = 50, QueueTime = TimeSpan.FromSeconds(20), QueueTarget = TimeSpan.FromSeconds(20) };
        var under = 0;
        var most = 0;
        var taken = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2000; i++)
            {
                if (!await gate.EnterAsync(4, settings, Ct)) continue;
                var now = Interlocked.Increment(ref under);
                lock (gate) most = Math.Max(most, now);
                Interlocked.Increment(ref taken);
                await Task.Yield();
                Interlocked.Decrement(ref under);
                gate.Leave();
            }
        })));

        Assert.True(most <= 4);
        Assert.Equal(32_000, taken);
        Assert.Equal((0, 0), (gate.UnderWay, gate.Waiting));
    }

    private static Task<bool> Enter(DestinationGate gate) => gate.EnterAsync(2, Settings, Ct).AsTask();
}
