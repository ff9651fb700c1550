using System.Net;
using System.Net.Sockets;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>A port nobody listens on and nobody else can take while the test runs.</summary>
internal sealed class DeadPort : IDisposable
{
    private readonly Socket _held = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeadPort() => _held.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Url => FormattableString.Invariant($"http://127.0.0.1:{((IPEndPoint)_held.LocalEndPoint!).Port}");

    public void Dispose() => _held.Dispose();
}
