using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Simulation.Wire;

/// <summary>A listening socket that nobody accepts from, with its queue filled to the brim.</summary>
internal sealed class FullQueue : IAsyncDisposable
{
    private const int MostConnections = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Socket _listener;
    private readonly List<Socket> _waiting = [];

    private FullQueue(Socket listener) => _listener = listener;

    internal EndPoint EndPoint => _listener.LocalEndPoint!;

    internal static async Task<FullQueue> OfAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var queue = new FullQueue(FaultListener.Listen(endpoint, backlog: 0));
        try
        {
            await queue.FillAsync(cancellationToken);
            return queue;
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var socket in _waiting)
            socket.Dispose();
        return default;
    }

    /// <summary>One after the other, so that none is half open: the queue is full when a connection does not come about in time.</summary>
    private async Task FillAsync(CancellationToken cancellationToken)
    {
        for (var n = 0; n < MostConnections; n++)
        {
            var socket = EndPoint is UnixDomainSocketEndPoint
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _waiting.Add(socket);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            try
            {
                await socket.ConnectAsync(EndPoint, patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException full) when (full.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
            {
                return;
            }
        }

        throw new InvalidOperationException($"The accept queue took {MostConnections} connections and was not full.");
    }
}

/// <summary>Sockets that are held as long as a fault runs.</summary>
internal sealed class HeldSockets(params Socket[] sockets) : IAsyncDisposable
{
    public ValueTask DisposeAsync()
    {
        foreach (var socket in sockets)
            socket.Dispose();
        return default;
    }
}
