using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>What ends a request from our side is heard of in time, and what all requests share is listened to once.</summary>
public sealed class EndsWatchTests
{
    private readonly List<string> _ended = [];

    private void Begin(ref EndsWatch watch, bool shared, CancellationToken client, CancellationToken other) =>
        watch.Begin(new RequestEnds(client, other) { SecondIsShared = shared }, static s => ((List<string>)s!).Add("ended"), _ended);

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void Either_of_the_two_ends_it_also_in_a_later_request(bool shared, bool client)
    {
        using var left = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var watch = default(EndsWatch);
        Begin(ref watch, shared, CancellationToken.None, stop.Token);
        watch.End();
        Begin(ref watch, shared, left.Token, stop.Token);
        (client ? left : stop).Cancel();
        Assert.Equal(["ended"], _ended);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_had_come_before_it_began_ends_it_at_once(bool shared)
    {
        using var stop = new CancellationTokenSource();
        var watch = default(EndsWatch);
        Begin(ref watch, shared, CancellationToken.None, stop.Token);
        watch.End();
        stop.Cancel();
        _ended.Clear();
        Begin(ref watch, shared, CancellationToken.None, stop.Token);
        Assert.Equal(["ended"], _ended);
    }

    [Fact]
    public void What_was_one_requests_own_does_not_end_the_next()
    {
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        using var stop = new CancellationTokenSource();
        var watch = default(EndsWatch);
        Begin(ref watch, shared: false, first.Token, second.Token);
        watch.End();
        Begin(ref watch, shared: true, CancellationToken.None, stop.Token);
        first.Cancel();
        second.Cancel();
        Assert.Empty(_ended);
        stop.Cancel();
        Assert.Equal(["ended"], _ended);
    }

    [Fact]
    public void One_requests_own_limit_takes_the_place_of_what_all_share()
    {
        using var stop = new CancellationTokenSource();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        var watch = default(EndsWatch);
        Begin(ref watch, shared: true, CancellationToken.None, stop.Token);
        watch.End();
        Begin(ref watch, shared: false, CancellationToken.None, limit.Token);
        limit.Cancel();
        Assert.Equal(["ended"], _ended);
        watch.End();
        stop.Cancel();
        Assert.Equal(["ended"], _ended);
    }

    [Fact]
    public void A_connection_that_is_done_with_hears_nothing_more()
    {
        using var stop = new CancellationTokenSource();
        var watch = default(EndsWatch);
        Begin(ref watch, shared: true, stop.Token, stop.Token);
        watch.Unregister();
        stop.Cancel();
        Assert.Empty(_ended);
    }
}
