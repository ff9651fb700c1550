using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Draining;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Listens on inherited sockets, and stops listening without closing them: whoever comes next finds the connections that wait.</summary>
internal sealed class InheritedTransport(InheritedSockets sockets, DrainState drain, ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => sockets.Find(endpoint) is not null;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = sockets.Find(endpoint) ?? throw new InvalidOperationException($"No socket was handed over for {endpoint}.");
        sockets.Use(socket);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket.Socket, endpoint, loggers, drain.Finishing));
    }

    private sealed class Listener(Socket socket, EndPoint endpoint, ILoggerFactory loggers, CancellationToken finishing) : IConnectionListener
    {
        private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

        private readonly SocketConnectionContextFactory _connections = new(new SocketConnectionFactoryOptions(), loggers.CreateLogger<InheritedTransport>());
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(finishing);

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    // Not linked to the caller's token: a connection that was taken is given out, whatever was signalled meanwhile.
                    var accepted = await socket.AcceptAsync(_stop.Token);
                    if (accepted.AddressFamily != AddressFamily.Unix) accepted.NoDelay = true;
                    return _connections.Create(accepted);
                }
                catch (OperationCanceledException)
                {
                    return null;
                }
                catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                {
                    // Others must close first; the connection waits in the queue.
                    await Task.Delay(Breath, CancellationToken.None);
                }
                catch (SocketException)
                {
                    // The client was gone before it was taken.
                }
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _stop.Cancel();
            return ValueTask.CompletedTask;
        }

        public async ValueTask DisposeAsync()
        {
            await UnbindAsync();
            _connections.Dispose();
        }
    }
}
