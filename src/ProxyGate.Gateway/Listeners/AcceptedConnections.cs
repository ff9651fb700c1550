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

    /// <returns>Absent when the client has gone already, or the system cannot serve one more.</returns>
    public ConnectionContext? Of(Socket accepted)
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
