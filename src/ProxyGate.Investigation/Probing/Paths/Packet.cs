using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Investigation.Probing.Sockets;

namespace ProxyGate.Investigation.Probing.Paths;

internal enum PacketKind
{
    /// <summary>A connect.</summary>
    Tcp,
    /// <summary>An empty datagram to the same port number: a living host without a listener there answers "port unreachable".</summary>
    Udp,
    /// <summary>An ICMP echo request.</summary>
    Echo,
}

/// <summary>One packet sent to see what comes back, and what came.</summary>
internal sealed class Packet(PacketKind kind, IPEndPoint target, int? hops = null) : IDisposable
{
    private const int Established = 1, SynSent = 2;
    private static readonly ushort s_echoId = (ushort)Environment.ProcessId;
    private SocketDescriptor? _socket;
    private bool _raw;

    public PacketKind Kind => kind;

    public IPEndPoint Target => target;

    /// <summary>After how many hops it is to run out; absent for the usual number.</summary>
    public int? Hops => hops;

    public bool Done { get; private set; }

    /// <summary>Whether the target itself answered: connected, a datagram, an echo.</summary>
    public bool Answered { get; private set; }

    /// <summary>What ended it; absent while nothing came.</summary>
    public int? Errno { get; private set; }

    public double DurationMs { get; private set; }

    public List<QueuedError> Icmp { get; } = [];

    /// <summary>Whether the socket could not even be made: a privilege is missing.</summary>
    public bool NotAllowed { get; private set; }

    public IPEndPoint? Source { get; private set; }

    public int Descriptor => _socket?.Number ?? -1;

    public short Waits => (short)(kind == PacketKind.Tcp ? Libc.PollOut : Libc.PollIn);

    private bool V6 => target.AddressFamily == AddressFamily.InterNetworkV6;

    public void Send()
    {
        _socket = Open(out var refused);
        if (_socket is null)
        {
            NotAllowed = kind == PacketKind.Echo;
            End(refused, 0);
            return;
        }

        _socket.SetOption(V6 ? Libc.SolIp6 : Libc.SolIp, V6 ? Libc.Ip6ReceiveErrors : Libc.IpReceiveErrors, 1);
        if (hops is { } limit) _socket.SetOption(V6 ? Libc.SolIp6 : Libc.SolIp, V6 ? Libc.Ip6UnicastHops : Libc.IpTtl, limit);
        var result = _socket.Connect(kind == PacketKind.Tcp ? target : new IPEndPoint(target.Address, kind == PacketKind.Udp ? target.Port : 0));
        if (result == 0 && kind == PacketKind.Tcp) Succeed(0);
        else if (result < 0 && result != -Libc.Einprogress) End(-result, 0);
        Source = _socket.LocalEnd();
        if (Done || kind == PacketKind.Tcp) return;
        var sent = _socket.Send(kind == PacketKind.Udp ? [] : EchoRequest());
        if (sent < 0) End(-sent, 0);
    }

    /// <summary>Reads what the kernel has for this packet.</summary>
    public void Look(int seen, double ms)
    {
        if (_socket is null || Done || seen == 0) return;
        // The pending error first: taking an entry off the queue clears it.
        var error = kind == PacketKind.Tcp || (seen & Libc.PollError) != 0 ? _socket.TakeError() : 0;
        for (var i = 0; i < 8 && _socket.TryTakeQueuedError(out var queued); i++)
        {
            if (queued is not null) Icmp.Add(queued);
        }

        if (kind == PacketKind.Tcp) LookAtConnect(error, ms);
        else if ((seen & Libc.PollIn) != 0 && Replied()) Succeed(ms);
        else if (error != 0 || Icmp.Count > 0) End(error != 0 ? error : Icmp[^1].Errno, ms);
    }

    /// <summary>How often the kernel has sent the packet again so far; 0 when it does not say.</summary>
    public int Retransmits()
    {
        Span<byte> info = stackalloc byte[8];
        return _socket is not null && kind == PacketKind.Tcp && _socket.GetOption(Libc.Tcp, Libc.TcpInfo, info) == info.Length ? info[2] : 0;
    }

    public void Dispose()
    {
        if (_socket is { } socket && kind == PacketKind.Tcp && Answered)
        {
            // Nothing was said on it: end it without leaving a port waiting.
            Span<byte> atOnce = [1, 0, 0, 0, 0, 0, 0, 0];
            socket.SetOption(Libc.SolSocket, Libc.SoLinger, atOnce);
        }

        _socket?.Dispose();
        _socket = null;
    }

    private SocketDescriptor? Open(out int errno)
    {
        var family = KernelAddress.Family(target.Address);
        if (kind != PacketKind.Echo)
            return SocketDescriptor.Open(family, (kind == PacketKind.Tcp ? Libc.Stream : Libc.Datagram) | Libc.NonBlocking, kind == PacketKind.Tcp ? Libc.Tcp : Libc.Udp, out errno);
        // Allowed to the groups of net.ipv4.ping_group_range; a raw socket to holders of CAP_NET_RAW.
        var protocol = V6 ? Libc.Icmp6 : Libc.Icmp;
        if (SocketDescriptor.Open(family, Libc.Datagram | Libc.NonBlocking, protocol, out errno) is { } socket) return socket;
        _raw = true;
        return SocketDescriptor.Open(family, Libc.Raw | Libc.NonBlocking, protocol, out errno);
    }

    private void LookAtConnect(int error, double ms)
    {
        Span<byte> info = stackalloc byte[8];
        var state = _socket!.GetOption(Libc.Tcp, Libc.TcpInfo, info) > 0 ? info[0] : 0;
        if (error != 0) End(error, ms);
        else if (state == Established) Succeed(ms);
        // A reset right after the accept leaves neither an error nor a connection.
        else if (state != SynSent) End(Icmp.Count > 0 ? Icmp[^1].Errno : Libc.Econnrefused, ms);
    }

    private bool Replied()
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = _socket!.Receive(bytes, Libc.MsgDontWait);
        if (length < 0) return false;
        if (kind == PacketKind.Udp) return true;
        bytes = bytes[..length];
        // A raw IPv4 socket gives the IP header too, and every ICMP message of this peer.
        if (_raw && !V6) bytes = bytes.Length > 0 ? bytes[Math.Min((bytes[0] & 0x0F) * 4, bytes.Length)..] : bytes;
        return bytes.Length >= 8 && bytes[0] == (V6 ? 129 : 0) && (!_raw || BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) == s_echoId);
    }

    private byte[] EchoRequest()
    {
        byte[] request = [(byte)(V6 ? 128 : 8), 0, 0, 0, (byte)(s_echoId >> 8), (byte)s_echoId, 0, 1, .. "ProxyGate-Investigation "u8];
        if (!V6) BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), Checksum(request));
        return request;
    }

    /// <summary>RFC 1071. The kernel computes the one of ICMPv6 itself.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (var i = 0; i < bytes.Length; i += 2) sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
        while (sum >> 16 != 0) sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }

    private void Succeed(double ms) => (Done, Answered, DurationMs) = (true, true, ms);

    private void End(int errno, double ms) => (Done, Errno, DurationMs) = (true, errno, ms);
}
