using System.Net;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Host;

/// <summary>Who listens where the attempt went, and who near it.</summary>
internal sealed record ListenersSeen(ListenerFacts Facts, ProcessSeen? Process);

internal static class Listeners
{
    internal const int MostHolders = 64;

    public static ListenersSeen Tcp(Sight sight, Question question, IPEndPoint address, SocketTable table, RememberedListener? before)
    {
        var listening = table.Listening;
        var here = table.ListeningAt(address).ToList();
        var samePort = listening.Where(s => s.Local.Port == address.Port).ToList();
        var peer = question.LocalAddress is { } end ? table.PeerOf(address, Plain(end)) : null;
        if (here.Count > 0 && here.All(s => s.Local.Address.Equals(IPAddress.IPv6Any) && s.OnlyIPv6 is null) && address.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork)
            sight.Miss($"whether [::]:{address.Port} takes IPv4 connections", "only sock_diag tells, and it could not be asked");

        // Only a port nobody listens on sends one to look for the port that was meant.
        var others = here.Count > 0 ? [] : listening.Where(s => s.Local.Port != address.Port && !question.OtherConfigured.Any(s.Takes)).ToList();
        var inodes = samePort.Concat(others).Select(s => s.Inode).Append(peer?.Inode ?? 0).Where(i => i != 0).ToHashSet();
        var owners = sight.Look("owners", "the owners of listeners", () => SocketOwners.Find(sight, inodes, before?.Holders, anyHolder: true));
        var processes = new ProcessesOfSockets(sight, owners);
        var fullest = here.MaxBy(s => (double)s.ReceiveQueue / Math.Max(1, s.QueueLimit ?? uint.MaxValue));
        var process = here.Select(s => processes.Of(s.Inode)).FirstOrDefault(p => p is not null);
        if (here.Count > 0 && process is null) sight.Miss($"the owner of port {address.Port}", owners?.WhyNone ?? "the processes could not be looked at");
        return new ListenersSeen(
            new ListenerFacts
            {
                Listening = here.Count > 0,
                SamePort = [.. samePort.Select(s => processes.Seen(s))],
                Others = Candidates.Choose(others.Select(s => (s.Local.Port, processes.Seen(s))), address.Port, before),
                AcceptQueue = fullest is null ? null : (int)Math.Min(fullest.ReceiveQueue, int.MaxValue),
                AcceptQueueLimit = fullest?.QueueLimit is { } limit ? (int)Math.Min(limit, int.MaxValue) : null,
                UnreadRequestBytes = peer is null ? null : Unread(peer),
                Accepted = peer is null ? null : Accepted(peer),
                AcceptedBy = peer is null ? null : processes.Of(peer.Inode)?.Facts,
            },
            process);
    }

    public static ListenersSeen? Unix(Sight sight, string path, SocketTable table)
    {
        var here = table.ListeningAt(path);
        var owners = sight.Look("owners", "the owners of listeners", () => SocketOwners.Find(sight, here.Select(s => s.Inode).ToHashSet()));
        var processes = new ProcessesOfSockets(sight, owners);
        var process = here.Select(s => processes.Of(s.Inode)).FirstOrDefault(p => p is not null);
        if (here.Count > 0 && process is null) sight.Miss($"the owner of {path}", owners?.WhyNone ?? "the processes could not be looked at");
        return new ListenersSeen(
            new ListenerFacts
            {
                Listening = here.Count > 0,
                SamePort = [.. here.Select(s => new ListenerSeen(s.Path, processes.Of(s.Inode)?.Facts) { SharedBy = processes.Count(s.Inode) })],
                AcceptQueue = here.Count > 0 ? (int?)here[0].AcceptQueue : null,
                AcceptQueueLimit = here.Count > 0 ? (int?)here[0].QueueLimit : null,
            },
            process);
    }

    /// <summary>
    /// The process that stands for those that share a listener: the oldest, which is the server that started its workers. A service
    /// manager that handed its socket on (socket activation) stands back.
    /// </summary>
    public static ProcessSeen? Main(Sight sight, IEnumerable<int> holders) =>
        holders.Take(MostHolders).Select(pid => ProcessReader.Read(sight, pid)).OfType<ProcessSeen>()
            .OrderBy(p => p.Facts.Pid == 1).ThenBy(p => p.Stat.StartTicks).ThenBy(p => p.Facts.Pid).FirstOrDefault();

    /// <summary>Once the gateway has closed, the end mark counts as one byte until the process has read up to it.</summary>
    internal static long Unread(TcpSocketSeen peer) =>
        peer.State is SocketState.CloseWait or SocketState.LastAck or SocketState.Closing ? Math.Max(0L, peer.ReceiveQueue - 1L) : peer.ReceiveQueue;

    /// <summary>A connection nobody accepted has no descriptor; one that its process closed has none either, but it has sent its end.</summary>
    internal static bool Accepted(TcpSocketSeen peer) =>
        peer.Inode != 0 || peer.State is SocketState.FinWait1 or SocketState.FinWait2 or SocketState.Closing or SocketState.LastAck or SocketState.TimeWait;

    private static IPEndPoint Plain(IPEndPoint end) =>
        end.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(end.Address.MapToIPv4(), end.Port) : end;
}

/// <summary>The processes behind sockets, each read once.</summary>
internal sealed class ProcessesOfSockets(Sight sight, SocketOwners? owners)
{
    private readonly Dictionary<ulong, ProcessSeen?> _seen = [];

    public ProcessSeen? Of(ulong inode)
    {
        if (owners is null || inode == 0) return null;
        if (!_seen.TryGetValue(inode, out var process)) _seen[inode] = process = Listeners.Main(sight, owners.Of(inode));
        return process;
    }

    public int? Count(ulong inode) => owners?.Of(inode).Count is > 0 and var count ? count : null;

    public ListenerSeen Seen(TcpSocketSeen socket) => new(socket.Display, Of(socket.Inode)?.Facts) { SharedBy = Count(socket.Inode) };
}
