using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>The sockets of one network on this machine: the gateway's own by sock_diag, another's (a container's) through a process in it.</summary>
internal sealed class SocketTable(Sight sight, int? processInNetwork)
{
    private const int TableLimit = 16 * 1024 * 1024;
    private const uint AnyState = 0xfff & ~SocketDiag.ListenStates;
    private IReadOnlyList<TcpSocketSeen>? _listening;
    private ILookup<IPEndPoint, TcpSocketSeen>? _listeningByAddress;
    private bool _diagnostics = processInNetwork is null && sight.Paths.SocketDiagnostics;

    /// <summary>Whether the limits of accept queues can be told.</summary>
    public bool KnowsLimits => _diagnostics;

    public IReadOnlyList<TcpSocketSeen> Listening => _listening ??= ReadListening();

    /// <summary>The sockets that listen at the address, found by it: many may be asked for, and many may listen.</summary>
    public IEnumerable<TcpSocketSeen> ListeningAt(IPEndPoint address)
    {
        _listeningByAddress ??= Listening.ToLookup(s => s.Local);
        IPEndPoint[] bound = [address, new(IPAddress.Any, address.Port), new(IPAddress.IPv6Any, address.Port)];
        return bound.Distinct().SelectMany(b => _listeningByAddress[b]).Where(s => s.Takes(address));
    }

    /// <summary>The sockets that listen at the path; names may differ when a program binds a relative path, so the file counts too.</summary>
    public IReadOnlyList<UnixSocketSeen> ListeningAt(string path)
    {
        var all = Diagnosed(() => SocketDiag.ListeningUnixSockets(sight.Stop))
            ?? [.. ProcNetUnix.Parse(Text("unix", "the listening unix sockets"))];
        var file = Native.InodeOf(path);
        return [.. all.Where(s => s.Path == path || (file is { } inode && s.FileInode == (inode & uint.MaxValue) && s.FileInode != 0))];
    }

    /// <summary>The destination's end of a connection of the gateway.</summary>
    public TcpSocketSeen? PeerOf(IPEndPoint destination, IPEndPoint gatewaysEnd)
    {
        if (_diagnostics)
        {
            var found = sight.Look<TcpSocketSeen?>("the peer's socket", "the destination's end of the connection", () => SocketDiag.Connection(destination, gatewaysEnd, sight.Stop));
            if (found is not null || _diagnostics) return found;
        }

        return All().FirstOrDefault(s => s.State != SocketState.Listen && s.Local.Equals(destination) && s.Remote.Equals(gatewaysEnd));
    }

    /// <summary>How many local ports are taken by connections to the destination, those that wait out their end included.</summary>
    public int PortsTowards(IPEndPoint destination)
    {
        var sockets = Diagnosed(() => SocketDiag.Tcps(destination.AddressFamily, AnyState, destination.Port, sight.Stop)) ?? All();
        return sockets.Where(s => s.State != SocketState.Listen && s.Remote.Equals(destination)).Select(s => s.Local.Port).Distinct().Count();
    }

    private IReadOnlyList<TcpSocketSeen> ReadListening() =>
        Diagnosed<IReadOnlyList<TcpSocketSeen>>(() =>
        [
            .. SocketDiag.Tcps(AddressFamily.InterNetwork, SocketDiag.ListenStates, 0, sight.Stop),
            .. SocketDiag.Tcps(AddressFamily.InterNetworkV6, SocketDiag.ListenStates, 0, sight.Stop),
        ])
        ?? [.. All().Where(s => s.State == SocketState.Listen)];

    private IReadOnlyList<TcpSocketSeen> All() =>
        [.. ProcNetTcp.Parse(Text("tcp", "the TCP sockets")), .. ProcNetTcp.Parse(Text("tcp6", "the TCP sockets of IPv6"))];

    /// <summary>Asks by sock_diag; absent, for good, once the kernel has refused.</summary>
    private T? Diagnosed<T>(Func<T> ask) where T : class
    {
        if (!_diagnostics) return null;
        var answer = sight.Look("sock_diag", "the limit of the accept queue", ask);
        _diagnostics = answer is not null;
        return answer;
    }

    private string Text(string table, string shows)
    {
        var path = processInNetwork is { } pid ? Path.Combine(sight.Proc(pid, "net"), table) : sight.Proc("net", table);
        var text = Sight.ReadText(path, TableLimit);

        // Without IPv6 in the kernel there is no such file, and nothing is missed.
        if (text is null && !table.EndsWith('6')) sight.Miss(shows, $"{path} cannot be read");
        return text ?? "";
    }
}
