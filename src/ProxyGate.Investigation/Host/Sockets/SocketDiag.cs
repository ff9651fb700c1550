using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>Asks the kernel for sockets by netlink (sock_diag(7)). It needs no privilege, shows the gateway's own network only, and knows the accept queue's limit.</summary>
internal static class SocketDiag
{
    internal const uint ListenStates = 1u << (int)SocketState.Listen;

    private const ushort ByFamily = 20, Error = 2, Done = 3;
    private const ushort Request = 1, Dump = 0x300;
    private const int HeaderSize = 16, InetRequestSize = 56, UnixRequestSize = 24;
    private const int WaitMilliseconds = 300;
    private const int NoEntry = 2;

    /// <summary>UDIAG_SHOW_NAME, UDIAG_SHOW_VFS and UDIAG_SHOW_RQLEN.</summary>
    private const uint UnixShow = 0x1 | 0x2 | 0x10;

    private const byte Tcp = 6;

    /// <summary>All TCP sockets of a family in the states asked for; a port of 0 stands for any.</summary>
    public static IReadOnlyList<TcpSocketSeen> Tcps(AddressFamily family, uint states, int remotePort, CancellationToken stop)
    {
        var seen = new List<TcpSocketSeen>();
        Ask(InetRequest(family, Dump, states, null, null, remotePort), message => { if (SocketDiagMessage.ParseTcp(message) is { } socket) seen.Add(socket); }, stop);
        return seen;
    }

    /// <summary>The one socket with these ends. The kernel may give the listener when there is no connection.</summary>
    public static TcpSocketSeen? Connection(IPEndPoint local, IPEndPoint remote, CancellationToken stop)
    {
        TcpSocketSeen? found = null;
        Ask(InetRequest(local.AddressFamily, 0, uint.MaxValue, local, remote, 0), message => found ??= SocketDiagMessage.ParseTcp(message), stop);
        return found is { } && found.State != SocketState.Listen && found.Local.Equals(local) && found.Remote.Equals(remote) ? found : null;
    }

    public static IReadOnlyList<UnixSocketSeen> ListeningUnixSockets(CancellationToken stop)
    {
        var request = new byte[HeaderSize + UnixRequestSize];
        Header(request, Dump);
        request[HeaderSize] = 1;
        MemoryMarshal.Write(request.AsSpan(HeaderSize + 4), ListenStates);
        MemoryMarshal.Write(request.AsSpan(HeaderSize + 12), UnixShow);
        var seen = new List<UnixSocketSeen>();
        Ask(request, message => { if (SocketDiagMessage.ParseUnix(message) is { } socket) seen.Add(socket); }, stop);
        return seen;
    }

    private static byte[] InetRequest(AddressFamily family, ushort flags, uint states, IPEndPoint? local, IPEndPoint? remote, int remotePort)
    {
        var request = new byte[HeaderSize + InetRequestSize];
        Header(request, flags);
        var body = request.AsSpan(HeaderSize);
        body[0] = (byte)(family == AddressFamily.InterNetworkV6 ? 10 : 2);
        body[1] = Tcp;
        MemoryMarshal.Write(body[4..], states);
        BinaryPrimitives.WriteUInt16BigEndian(body[8..], (ushort)(local?.Port ?? 0));
        BinaryPrimitives.WriteUInt16BigEndian(body[10..], (ushort)(remote?.Port ?? remotePort));
        local?.Address.TryWriteBytes(body[12..28], out _);
        remote?.Address.TryWriteBytes(body[28..44], out _);
        body[48..56].Fill(0xff); // INET_DIAG_NOCOOKIE
        return request;
    }

    private static void Header(byte[] request, ushort flags)
    {
        MemoryMarshal.Write(request, (uint)request.Length);
        MemoryMarshal.Write(request.AsSpan(4), ByFamily);
        MemoryMarshal.Write(request.AsSpan(6), (ushort)(Request | flags));
    }

    private static void Ask(byte[] request, SocketDiagMessage.Handler handle, CancellationToken stop)
    {
        using var netlink = Native.OpenSocketDiag();
        Native.Write(netlink, request);
        var dump = (MemoryMarshal.Read<ushort>(request.AsSpan(6)) & Dump) != 0;
        var buffer = new byte[64 * 1024];
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            if (!Native.WaitReadable(netlink, WaitMilliseconds)) throw new TimeoutException();
            var length = Native.Read(netlink, buffer);
            if (length < 0) throw new Win32Exception(-length);
            if (!Messages(buffer.AsSpan(0, length), handle) || !dump) return;
        }
    }

    /// <summary>Walks the messages of one datagram; false after the last one.</summary>
    internal static bool Messages(ReadOnlySpan<byte> datagram, SocketDiagMessage.Handler handle)
    {
        while (datagram.Length >= HeaderSize)
        {
            var length = (int)Math.Min(MemoryMarshal.Read<uint>(datagram), int.MaxValue);
            if (length < HeaderSize || length > datagram.Length) return false;
            var type = MemoryMarshal.Read<ushort>(datagram[4..]);
            var body = datagram[HeaderSize..length];
            if (type == Done) return false;
            if (type == Error)
            {
                var code = body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : 0;
                return code is 0 or NoEntry ? false : throw new Win32Exception(code);
            }

            if (type == ByFamily) handle(body);
            datagram = datagram[Math.Min(datagram.Length, (length + 3) & ~3)..];
        }

        return true;
    }
}
