using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Opens listening sockets as Kestrel's own transport does, and gives their connections to the event loops.</summary>
internal sealed class LoopTransport(AcceptedConnections connections, IOptions<SocketTransportOptions> options) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => connections.OnLoops && endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket;
        try
        {
            socket = options.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(options.Value.Backlog);
        return ValueTask.FromResult<IConnectionListener>(new Listener(socket, connections));
    }

    private sealed class Listener(Socket socket, AcceptedConnections connections) : IConnectionListener
    {
        private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

        public EndPoint EndPoint { get; } = socket.LocalEndPoint!;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (true)
            {
                try
                {
                    if (connections.Of(await socket.AcceptAsync(cancellationToken)) is { } connection) return connection;
                }
                catch (Exception e) when (e is ObjectDisposedException || e is SocketException { SocketErrorCode: SocketError.OperationAborted })
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
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
