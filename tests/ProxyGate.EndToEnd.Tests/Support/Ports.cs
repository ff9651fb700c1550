using System.Net;
using System.Net.Sockets;

namespace ProxyGate.EndToEnd.Tests.Support;

internal static class Ports
{
    /// <summary>
    /// A port nobody listened on a moment ago, for a process that must be told its port beforehand. Below the range the system gives to
    /// outgoing connections, so that none of them takes it meanwhile.
    /// </summary>
    public static int Free()
    {
        for (var i = 0; i < 200; i++)
        {
            var port = Random.Shared.Next(15000, 30000);
            using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: another.
            }
        }

        throw new InvalidOperationException("No free port was found.");
    }
}
