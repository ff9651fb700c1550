using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using ProxyGate.Gateway.Draining;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Listens on inherited sockets, and stops listening without closing them: whoever comes next finds the connections that wait.</summary>
internal sealed class InheritedTransport(InheritedSockets sockets, DrainState drain, AcceptedConnections connections) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.Find(endpoint) is not null;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = sockets.Find(endpoint) ?? throw new InvalidOperationException($"No socket was handed over for {endpoint}.");
        sockets.Use(socket);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket.Socket, endpoint, connections, drain.Finishing));
    }

    private sealed class Listener(Socket socket, EndPoint endpoint, AcceptedConnections connections, CancellationToken finishing) : IConnectionListener
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(finishing);

        public EndPoint EndPoint => endpoint;

        /// <summary>Not linked to the caller's token: a connection that was taken is given out, whatever was signalled meanwhile.</summary>
        public ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) => connections.AcceptAsync(socket, _stop.Token);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _stop.Cancel();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
