using System.Net;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>The kernel's numbers for the states of a TCP socket (include/net/tcp_states.h); the same in sock_diag and /proc/net/tcp.</summary>
internal enum SocketState : byte
{
    Established = 1,
    SynSent,
    SynReceived,
    FinWait1,
    FinWait2,
    TimeWait,
    Close,
    CloseWait,
    LastAck,
    Listen,
    Closing,
    NewSynReceived,
}

/// <summary>A TCP socket as the kernel shows it; addresses mapped into IPv6 are given as the IPv4 they are.</summary>
internal sealed record TcpSocketSeen
{
    public required IPEndPoint Local { get; init; }

    public required IPEndPoint Remote { get; init; }

    public required SocketState State { get; init; }

    /// <summary>Bytes not read; of a listener, the connections waiting to be accepted.</summary>
    public required uint ReceiveQueue { get; init; }

    /// <summary>Of a listener: how many may wait. Only sock_diag tells.</summary>
    public uint? QueueLimit { get; init; }

    /// <summary>The number by which a process's descriptor names the socket; 0 when no process holds it.</summary>
    public required ulong Inode { get; init; }

    /// <summary>The interface it is bound to; 0 for all.</summary>
    public int Interface { get; init; }

    /// <summary>Of a listener on <c>[::]</c>: whether it takes no IPv4 connections. Only sock_diag tells.</summary>
    public bool? OnlyIPv6 { get; init; }

    /// <summary>
    /// Whether a connection to the address would come to this listener. A queue tells nothing of filters on the way.
    /// Where it is not known whether <c>[::]</c> takes IPv4 as well, the kernel's default is assumed: it does.
    /// </summary>
    public bool Takes(IPEndPoint address)
    {
        if (State != SocketState.Listen || Local.Port != address.Port || Interface != 0) return false;
        if (Local.Address.Equals(address.Address)) return true;
        if (Local.Address.Equals(IPAddress.IPv6Any))
            return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 || OnlyIPv6 != true;
        return Local.Address.Equals(IPAddress.Any) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;
    }

    /// <summary>The address as people know it: <c>*:80</c> for all of IPv4, <c>[::]:80</c>.</summary>
    public string Display => Local.Address.Equals(IPAddress.Any) ? $"*:{Local.Port}" : Local.ToString();
}

/// <summary>A listening unix socket.</summary>
/// <param name="Path">The path it was bound to, as the program gave it; a leading <c>@</c> for an abstract name.</param>
/// <param name="Inode">The number by which a process's descriptor names the socket.</param>
/// <param name="FileInode">The file's inode; only sock_diag tells.</param>
/// <param name="AcceptQueue">Connections waiting to be accepted; only sock_diag tells.</param>
/// <param name="QueueLimit">How many may wait.</param>
internal sealed record UnixSocketSeen(string Path, ulong Inode, ulong? FileInode = null, uint? AcceptQueue = null, uint? QueueLimit = null);
