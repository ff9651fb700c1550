using System.Buffers.Binary;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>The kernel's view of a TCP connection (Linux <c>TCP_INFO</c>, see <c>linux/tcp.h</c>).</summary>
internal static class TcpInfo
{
    private const int SolTcp = 6;
    private const int TcpInfoOption = 11;
    private const byte Established = 1;
    private const byte Close = 7;

    private static readonly string[] States =
    [
        "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
    ];

    /// <summary>
    /// Reads it while the descriptor is still open; <c>null</c> where the system has none (not Linux, unix sockets, closed already).
    /// </summary>
    /// <param name="socket">The connection.</param>
    /// <param name="ackedBefore">Bytes acknowledged before this request began, as <see cref="BytesAcked"/> returned it.</param>
    /// <param name="onWire">Bytes of this request written to the socket.</param>
    public static TcpFacts? Read(Socket socket, long ackedBefore, long onWire)
    {
        Span<byte> info = stackalloc byte[248];
        if (!TryRead(socket, info, out var length) || length < 136) return null;
        var acked = Math.Max(0, BinaryPrimitives.ReadInt64LittleEndian(info[120..]) - 1);
        return new TcpFacts
        {
            State = info[0] < States.Length ? States[info[0]] : info[0].ToString(System.Globalization.CultureInfo.InvariantCulture),
            Retransmits = info[2],
            Unacked = BinaryPrimitives.ReadInt32LittleEndian(info[24..]),
            RttMs = BinaryPrimitives.ReadInt32LittleEndian(info[68..]) / 1000.0,
            RequestBytesAcked = Math.Clamp(acked - ackedBefore, 0, onWire),
            RequestBytesOnWire = onWire,
        };
    }

    /// <summary>Whether the peer has not closed, as far as the kernel knows; true where it cannot be asked.</summary>
    public static bool IsEstablished(Socket socket) => StateOf(socket) is null or Established;

    /// <summary>Whether nothing is left of the connection; false where it cannot be asked.</summary>
    public static bool IsOver(Socket socket) => StateOf(socket) == Close;

    /// <summary>The connection's state; absent where it cannot be asked.</summary>
    private static byte? StateOf(Socket socket)
    {
        Span<byte> info = stackalloc byte[248];
        return TryRead(socket, info, out var length) && length >= 1 ? info[0] : null;
    }

    private static bool TryRead(Socket socket, Span<byte> info, out int length)
    {
        length = 0;
        if (!OperatingSystem.IsLinux() || socket.ProtocolType != ProtocolType.Tcp) return false;
        try
        {
            length = socket.GetRawSocketOption(SolTcp, TcpInfoOption, info);
            return true;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed between the failure and this look: the kernel's view is gone, the other evidence stands.
            return false;
        }
    }
}
