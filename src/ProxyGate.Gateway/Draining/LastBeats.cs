using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ProxyGate.Gateway.Draining;

/// <summary>
/// Beats for the server's heart, which stands still from the moment the server is told to stop. An HTTP/2 connection notices at a beat that its last
/// answer is out and that it can say goodbye and close; without one it would wait for its client's next word, and hold the stop.
/// </summary>
internal sealed class LastBeats
{
    private readonly ConcurrentDictionary<Heart, bool> _hearts = new();

    /// <summary>A step of a connection's way, before HTTP.</summary>
    public ConnectionDelegate Follow(ConnectionDelegate next) => async connection =>
    {
        var heart = new Heart(connection.Features.Get<IConnectionHeartbeatFeature>());
        connection.Features.Set<IConnectionHeartbeatFeature>(heart);
        _hearts.TryAdd(heart, true);
        try
        {
            await next(connection);
        }
        finally
        {
            _hearts.TryRemove(heart, out _);
        }
    };

    /// <summary>To be called only when the server has been told to stop: two beats at once are more than it expects.</summary>
    public void Beat()
    {
        foreach (var heart in _hearts.Keys) heart.Beat();
    }

    private sealed class Heart(IConnectionHeartbeatFeature? servers) : IConnectionHeartbeatFeature
    {
        private readonly ConcurrentQueue<(Action<object> Action, object State)> _told = new();

        public void OnHeartbeat(Action<object> action, object state)
        {
            servers?.OnHeartbeat(action, state);
            _told.Enqueue((action, state));
        }

        public void Beat()
        {
            foreach (var (action, state) in _told) action(state);
        }
    }
}
