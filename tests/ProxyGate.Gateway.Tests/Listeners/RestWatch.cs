using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

/// <summary>
/// What the server's heart does to one connection, and when it rests. The heart beats once a second of the real clock, and how long a connection was idle is by
/// the fake one: that one stands still but where a test moves it, and is moved only when the heart has seen what was before.
/// </summary>
internal sealed class RestWatch(FakeTimeProvider clock)
{
    private readonly WeakReference _life = new(null);
    private int _beats;
    private int _lives;

    public RestingConnection? Connection { get; private set; }

    /// <summary>How often the server made anew what it takes to speak HTTP on the connection.</summary>
    public int Lives => Volatile.Read(ref _lives);

    public CancellationToken Closed { get; private set; }

    /// <summary>Called by the app for each of the connection's requests.</summary>
    public void Note(HttpContext context)
    {
        if (ReferenceEquals(_life.Target, context.Features)) return;
        _life.Target = context.Features;
        Connection = context.Features.Get<RealPeer>()!.Resting!;
        Closed = context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed;
        // Forgotten with the life that it was said to.
        Connection.OnHeartbeat(static w => Interlocked.Increment(ref ((RestWatch)w)._beats), this);
        Interlocked.Increment(ref _lives);
    }

    /// <summary>Until the heart has gone round all connections at least once from now on: one round may be under way.</summary>
    public async Task BeatAsync()
    {
        var until = Volatile.Read(ref _beats) + 2;
        await ListenerHarness.UntilAsync(() => Volatile.Read(ref _beats) >= until);
    }

    /// <summary>Lets it rest as soon as it may: its idle time begins with this, and what is said of it is <see cref="RestingConnection.RestAfter"/> at the end.</summary>
    public async Task RestAsync()
    {
        await BeatAsync();
        Assert.False(Connection!.IsResting);
        clock.Advance(RestingConnection.RestAfter);
        await ListenerHarness.UntilAsync(() => Connection.IsResting);
    }

    public async Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = Closed.Register(() => closed.TrySetResult());
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
