using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>Addresses as the kernel writes them: <c>sockaddr_in</c> and <c>sockaddr_in6</c>.</summary>
internal static class KernelAddress
{
    public const int Longest = 28;
    private const int Short = 16;

    public static int Family(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? Libc.Inet6 : Libc.Inet;

    public static byte[] Of(IPEndPoint end)
    {
        var v6 = end.AddressFamily == AddressFamily.InterNetworkV6;
        var bytes = new byte[v6 ? Longest : Short];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)Family(end.Address));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)end.Port);
        end.Address.TryWriteBytes(bytes.AsSpan(v6 ? 8 : 4), out _);
        if (v6) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), (uint)end.Address.ScopeId);
        return bytes;
    }

    /// <summary>Absent for another family, or bytes too short for theirs.</summary>
    public static IPEndPoint? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Short) return null;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes) switch
        {
            Libc.Inet => new IPEndPoint(new IPAddress(bytes.Slice(4, 4)), port),
            Libc.Inet6 when bytes.Length >= Longest => new IPEndPoint(new IPAddress(bytes.Slice(8, 16), BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..])), port),
            _ => null,
        };
    }
}
