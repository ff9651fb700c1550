using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace ProxyGate.Gateway.Listeners;

/// <summary>The end point of connections that turned out to speak HTTP/2 without TLS. Nobody can connect to it from outside.</summary>
internal sealed class PriorKnowledgeEndPoint : EndPoint
{
    public const string Name = "http2-prior-knowledge";

    public override string ToString() => Name;
}

/// <summary>
/// HTTP/2 with prior knowledge (RFC 9113, section 3.3) on ports that also speak HTTP/1.1. Kestrel decides a clear-text connection's protocol when the
/// port is opened, so there is a second, internal listener that speaks only HTTP/2: a connection that begins with the HTTP/2 preface is handed to it.
/// </summary>
internal sealed class PriorKnowledgeTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IAsyncDisposable
{
    private readonly PriorKnowledgeListener _listener = new();

    public bool CanBind(EndPoint endpoint) => endpoint is PriorKnowledgeEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) => ValueTask.FromResult<IConnectionListener>(_listener);

    /// <summary>Serves the connection as HTTP/2; completes when it has ended.</summary>
    public Task ServeAsync(ConnectionContext connection) => _listener.ServeAsync(connection);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private sealed class PriorKnowledgeListener : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _waiting = Channel.CreateUnbounded<ConnectionContext>(new UnboundedChannelOptions { SingleReader = true });

        public EndPoint EndPoint { get; } = new PriorKnowledgeEndPoint();

        public async Task ServeAsync(ConnectionContext connection)
        {
            var handedOver = new HandedOverConnection(connection);
            // Refused only while the server stops: then the connection just ends.
            if (_waiting.Writer.TryWrite(handedOver))
                await handedOver.Ended;
        }

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _waiting.Reader.WaitToReadAsync(cancellationToken) && _waiting.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _waiting.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
