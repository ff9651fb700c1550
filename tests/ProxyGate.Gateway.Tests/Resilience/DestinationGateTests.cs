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
    public void In_an_overload_the_newest_goes_first_and_nobody_waits_for_long()
    {
        var (gate, waiting) = NearlyOverloaded();
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        var newest = Enter(gate);

        Assert.False(Told(waiting[0])); // had waited for its time, and another came
        gate.Leave();
        Assert.True(Told(newest));
        Assert.False(waiting[1].IsCompleted);

        _clock.Advance(TimeSpan.FromMilliseconds(10));
        var late = Enter(gate);
        Assert.False(Told(waiting[1]));
        _clock.Advance(TimeSpan.FromMilliseconds(19));
        Assert.False(late.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(Told(late));
    }

    [Fact]
    public void The_overload_is_over_when_nobody_has_been_turned_away_for_a_while()
    {
        var (gate, waiting) = NearlyOverloaded();
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        var last = Enter(gate);
        Assert.False(Told(waiting[0]));
        gate.Leave();
        gate.Leave();
        Assert.True(Told(last));
        Assert.True(Told(waiting[1]));

        _clock.Advance(TimeSpan.FromMilliseconds(101));
        gate.Leave();
        Assert.True(Told(Enter(gate)));
        var patient = Enter(gate);
        _clock.Advance(TimeSpan.FromMilliseconds(50));
        Assert.False(patient.IsCompleted);
        gate.Leave();
        Assert.True(Told(patient));
    }

    [Fact]
    public void A_burst_that_ends_by_itself_is_served_to_the_last()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(Told(Enter(gate)));
        Assert.True(Told(Enter(gate)));
        var waiting = Enumerable.Range(0, 3).Select(_ => Enter(gate)).ToArray();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(60));
            gate.Leave();
        }

        Assert.All(waiting, w => Assert.True(Told(w)));
    }

    [Fact]
    public void An_app_that_takes_its_time_is_not_overloaded_because_of_it()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(Told(Enter(gate)));
        Assert.True(Told(Enter(gate)));
        var first = Enter(gate);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        var second = Enter(gate);
        gate.Leave();
        Assert.True(Told(first));
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(second.IsCompleted);
        gate.Leave();
        Assert.True(Told(second));
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

    /// <summary>Full, with somebody waiting for 100 ms although a place comes free every 10 ms. Gives those who wait: for 10 ms, and since now.</summary>
    private (DestinationGate Gate, IReadOnlyList<Task<bool>> Waiting) NearlyOverloaded()
    {
        var gate = new DestinationGate(_clock);
        Assert.True(Told(Enter(gate)));
        Assert.True(Told(Enter(gate)));
        var waiting = new Queue<Task<bool>>([Enter(gate), Enter(gate)]);
        for (var i = 0; i < 10; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(10));
            waiting.Enqueue(Enter(gate));
            gate.Leave();
            Assert.True(Told(waiting.Dequeue()));
        }

        return (gate, [.. waiting]);
    }

    /// <summary>What somebody was told, who must have been told by now.</summary>
    private static bool Told(Task<bool> waiting)
    {
        Assert.True(waiting.IsCompletedSuccessfully);
        return waiting.Result;
    }

    private static Task<bool> Enter(DestinationGate gate) => gate.EnterAsync(2, Settings, Ct).AsTask();
}
