using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Makes a connection of a client's socket: on our loops, or as .NET's sockets do it.</summary>
internal sealed class AcceptedConnections : IDisposable
{
    private readonly MemoryPool<byte> _pool;
    private readonly SocketConnectionContextFactory _sockets;

    public AcceptedConnections(IGatewaySettingsSource settings, IMemoryPoolFactory<byte> pools, ILoggerFactory loggers)
    {
        OnLoops = EventLoops.AreThere && settings.Current.Transport == TransportKind.EventLoop;
        _pool = pools.Create();
        _sockets = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), loggers.CreateLogger<SocketConnectionContextFactory>());
    }

    /// <summary>Whether they are served by our loops. As it was at the start: listeners stay.</summary>
    public bool OnLoops { get; }

    /// <exception cref="SocketException">The client is gone already.</exception>
    public ConnectionContext Of(Socket accepted)
    {
        if (accepted.AddressFamily != AddressFamily.Unix) accepted.NoDelay = true;
        return OnLoops ? new LoopConnection(accepted, EventLoops.OfThisProcess.Next(), _pool) : _sockets.Create(accepted);
    }

    public void Dispose() => _sockets.Dispose();
}
