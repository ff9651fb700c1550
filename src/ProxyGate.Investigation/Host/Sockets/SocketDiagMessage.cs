using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>Reads the kernel's answers: <c>inet_diag_msg</c> and <c>unix_diag_msg</c> with their attributes. What is too short is passed over.</summary>
internal static class SocketDiagMessage
{
    private const int InetSize = 72, UnixSize = 16;
    private const ushort SkV6Only = 11;
    private const ushort UnixName = 0, UnixVfs = 1, UnixQueue = 4;
    private const byte IPv6 = 10;

    internal delegate void Handler(ReadOnlySpan<byte> message);

    public static TcpSocketSeen? ParseTcp(ReadOnlySpan<byte> message)
    {
        if (message.Length < InetSize || message[0] is not (2 or IPv6)) return null;
        var size = message[0] == IPv6 ? 16 : 4;
        var state = (SocketState)message[1];
        bool? onlyIPv6 = null;
        Attributes(message[InetSize..], (type, value) => { if (type == SkV6Only && value.Length > 0) onlyIPv6 = value[0] != 0; });
        return new TcpSocketSeen
        {
            Local = EndPoint(message.Slice(8, size), BinaryPrimitives.ReadUInt16BigEndian(message[4..])),
            Remote = EndPoint(message.Slice(24, size), BinaryPrimitives.ReadUInt16BigEndian(message[6..])),
            Interface = MemoryMarshal.Read<int>(message[40..]),
            State = state,
            ReceiveQueue = MemoryMarshal.Read<uint>(message[56..]),
            QueueLimit = state == SocketState.Listen ? MemoryMarshal.Read<uint>(message[60..]) : null,
            Inode = MemoryMarshal.Read<uint>(message[68..]),
            OnlyIPv6 = onlyIPv6,
        };
    }

    public static UnixSocketSeen? ParseUnix(ReadOnlySpan<byte> message)
    {
        if (message.Length < UnixSize) return null;
        string? path = null;
        ulong? file = null;
        uint? queue = null, limit = null;
        Attributes(message[UnixSize..], (type, value) =>
        {
            if (type == UnixName && value.Length > 0)
                path = value[0] == 0 ? "@" + Encoding.UTF8.GetString(value[1..]) : Encoding.UTF8.GetString(value).TrimEnd('\0');
            if (type == UnixVfs && value.Length >= 8) file = MemoryMarshal.Read<uint>(value);
            if (type != UnixQueue || value.Length < 8) return;
            queue = MemoryMarshal.Read<uint>(value);
            limit = MemoryMarshal.Read<uint>(value[4..]);
        });
        return path is null ? null : new UnixSocketSeen(path, MemoryMarshal.Read<uint>(message[4..]), file, queue, limit);
    }

    private delegate void Attribute(int type, ReadOnlySpan<byte> value);

    private static void Attributes(ReadOnlySpan<byte> rest, Attribute handle)
    {
        while (rest.Length >= 4)
        {
            int length = MemoryMarshal.Read<ushort>(rest);
            if (length < 4 || length > rest.Length) return;
            handle(MemoryMarshal.Read<ushort>(rest[2..]) & 0x3fff, rest[4..length]);
            rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        }
    }

    private static IPEndPoint EndPoint(ReadOnlySpan<byte> bytes, int port)
    {
        var address = new IPAddress(bytes);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
