using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Makes a connection of a client's socket: on our loops, or as .NET's sockets do it.</summary>
internal sealed partial class AcceptedConnections : IDisposable
{
    /// <summary>For others to close, where there is no descriptor left.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly MemoryPool<byte> _pool;
    private readonly SocketConnectionContextFactory _sockets;
    private readonly ILogger _logger;

    public AcceptedConnections(IGatewaySettingsSource settings, IMemoryPoolFactory<byte> pools, ILoggerFactory loggers)
    {
        OnLoops = EventLoops.AreThere && settings.Current.Transport == TransportKind.EventLoop;
        _pool = pools.Create();
        _logger = loggers.CreateLogger<AcceptedConnections>();
        _sockets = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), _logger);
    }

    /// <summary>Whether they are served by our loops. As it was at the start: listeners stay.</summary>
    public bool OnLoops { get; }

    /// <summary>The next connection that waits at a listening socket; absent once there will be no more of them.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(Socket listening, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (Of(await listening.AcceptAsync(stop)) is { } connection) return connection;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || e is SocketException { SocketErrorCode: SocketError.OperationAborted })
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

    /// <returns>Absent when the client has gone already, or the system cannot serve one more.</returns>
    private ConnectionContext? Of(Socket accepted)
    {
        try
        {
            if (accepted.AddressFamily != AddressFamily.Unix) accepted.NoDelay = true;
            return OnLoops ? new LoopConnection(accepted, EventLoops.OfThisProcess.Next(), _pool, _logger) : _sockets.Create(accepted);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            accepted.Dispose();
        }
        catch (InvalidOperationException e)
        {
            accepted.Dispose();
            NotTaken(e.Message);
        }

        return null;
    }

    public void Dispose() => _sockets.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "A connection could not be taken: {Reason}")]
    private partial void NotTaken(string reason);
}
