using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// A client's HTTP/1.1 connection without TLS, which rests while it is idle: what the server keeps to speak HTTP on it, some seventy objects, is ended
/// without a word to the client, and made anew when the client says something. The socket stays, and the server's record of the connection. To the server's
/// protocol it looks as if the server stopped, which it takes note of between two requests.
/// </summary>
internal sealed class RestingConnection(LoopConnection connection, IGatewaySettingsSource settings, TimeProvider time)
    : IConnectionHeartbeatFeature, IConnectionLifetimeNotificationFeature
{
    /// <summary>Idle for so long, it rests: a client that asks more often should not pay for objects made anew.</summary>
    public static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(5);

    private IConnectionLifetimeNotificationFeature? _server;
    private RealPeer? _peer;
    private volatile Life? _life;
    private long _idleSince = time.GetTimestamp();

    /// <summary>Signalled when the server's protocol is to end after the request that is under way.</summary>
    public CancellationToken ConnectionClosedRequested
    {
        get => _life?.ToEnd ?? Stopping;
        set => throw new NotSupportedException();
    }

    private CancellationToken Stopping => _server?.ConnectionClosedRequested ?? CancellationToken.None;

    public void RequestClose() => _server?.RequestClose();

    /// <summary>The server's protocol wants to hear the server's heart.</summary>
    public void OnHeartbeat(Action<object> action, object state) => _life?.OnHeartbeat(action, state);

    /// <summary>A request has come, and these are its features: the server's protocol keeps one set for all of a connection's.</summary>
    public void Serves(IFeatureCollection requests)
    {
        if (_life is { } life) life.Requests ??= requests;
    }

    /// <summary>Whether the server keeps nothing to speak HTTP on it.</summary>
    public bool IsResting => _life is null;

    /// <summary>Completes when the connection is to be closed.</summary>
    public async Task ServeAsync(ConnectionDelegate http1)
    {
        Follow();
        try
        {
            do
            {
                if (!await LiveAsync(http1)) return;
                if (_peer is not null) _peer.Lines = null;
            }
            while (await connection.RestAsync(Stopping) > 0);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Gone, idle for too long, or the server stops.
        }
    }

    private void Follow()
    {
        _server = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static c => ((RestingConnection)c).Beat(), this);
        connection.Features.Set<IConnectionLifetimeNotificationFeature>(this);
        connection.Features.Set<IConnectionHeartbeatFeature>(this);
        _peer = connection.Features.Get<RealPeer>();
        if (_peer is not null) _peer.Resting = this;
    }

    /// <returns>Whether it is to rest now; else it is to be closed.</returns>
    private async Task<bool> LiveAsync(ConnectionDelegate http1)
    {
        var life = new Life();
        await using var _ = Stopping.UnsafeRegister(static l => ((Life)l!).End(), life);
        _life = life;
        try
        {
            await http1(connection);
        }
        finally
        {
            _life = null;
            ForgetTags();
        }

        // What the client said when it was to rest already was taken for the last request of this connection, and answered so.
        return life.EndedAfter == connection.Said && connection.IsQuiet && !Stopping.IsCancellationRequested;
    }

    /// <summary>The next life tells them again.</summary>
    private void ForgetTags()
    {
        if (connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags is not { Count: > 0 } tags) return;
        foreach (var tag in tags.Where(static t => t.Key.StartsWith("network.protocol.", StringComparison.Ordinal)).ToArray()) tags.Remove(tag);
    }

    /// <summary>Once a second.</summary>
    private void Beat()
    {
        if (_life is { } life)
        {
            life.Beat();
            if (!life.IsIdle(connection.Said)) _idleSince = time.GetTimestamp();
            else if (time.GetElapsedTime(_idleSince) >= RestAfter) life.EndToRest();
        }
        else if (time.GetElapsedTime(_idleSince) >= settings.Current.Limits.KeepAlive)
        {
            connection.EndRest();
        }
    }

    /// <summary>The server's protocol from its start to its end.</summary>
#pragma warning disable CA1001 // What would be disposed of has no timer, and may be cancelled while the life ends.
    private sealed class Life
#pragma warning restore CA1001
    {
        private readonly CancellationTokenSource _toEnd = new();
        private (Action<object> Action, object State)[] _told = [];
        private (int Reads, long Sent) _said;

        public CancellationToken ToEnd => _toEnd.Token;

        /// <summary>Of its first request, and of each one after; absent until there was one.</summary>
        public IFeatureCollection? Requests { get; set; }

        /// <summary>What had been said when it was ended in order to rest; absent as long as it was not.</summary>
        public (int Reads, long Sent)? EndedAfter { get; private set; }

        public void OnHeartbeat(Action<object> action, object state) => _told = [.. _told, (action, state)];

        public void Beat()
        {
            foreach (var (action, state) in _told) action(state);
        }

        /// <summary>Whether it waits for another request, and nothing has been said since the last time.</summary>
        public bool IsIdle((int Reads, long Sent) said)
        {
            var isSame = said == _said;
            _said = said;
            // From the start of a request to the end of its body its target is known.
            return isSame && Requests?.Get<IHttpRequestFeature>() is { RawTarget: null };
        }

        public void EndToRest()
        {
            EndedAfter ??= _said;
            End();
        }

        public void End() => _toEnd.Cancel();
    }
}
