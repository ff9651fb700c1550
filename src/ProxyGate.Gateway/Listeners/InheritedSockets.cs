using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Listening sockets that somebody opened before this process began and keeps open after it: systemd's socket units, by the protocol of
/// sd_listen_fds(3). Connections wait in them while one process takes over from another, so none is refused.
/// </summary>
internal sealed class InheritedSockets
{
    private const int FirstDescriptor = 3;
    private const int MostDescriptors = 256;
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExec = 1;

    private readonly List<InheritedSocket> _sockets = [];
    private readonly HashSet<InheritedSocket> _used = [];

    /// <summary>Those that no listen address has asked for.</summary>
    public IEnumerable<InheritedSocket> Unused => _sockets.Where(s => !_used.Contains(s));

    /// <summary>Takes what LISTEN_FDS says, once: the variables are removed, so that no child of ours thinks they mean it.</summary>
    public static InheritedSockets OfThisProcess()
    {
        var found = new InheritedSockets();
        var (pid, count, names) = (Take("LISTEN_PID"), Take("LISTEN_FDS"), Take("LISTEN_FDNAMES")?.Split(':') ?? []);
        if (!OperatingSystem.IsLinux() || pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return found;
        if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var sockets)) return found;
        for (var i = 0; i < Math.Min(sockets, MostDescriptors); i++)
        {
            var descriptor = FirstDescriptor + i;
            _ = Fcntl(descriptor, SetDescriptorFlags, CloseOnExec);
            if (InheritedSocket.Of(descriptor, i < names.Length && names[i].Length > 0 ? names[i] : "unknown") is { } socket) found._sockets.Add(socket);
        }

        return found;
    }

    /// <summary>The socket that listens where this end point says.</summary>
    public InheritedSocket? Find(EndPoint wanted) => _sockets.Find(s => s.IsAt(wanted));

    public void Use(InheritedSocket socket) => _used.Add(socket);

    private static string? Take(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, null);
        return value;
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Fcntl(int descriptor, int command, int argument);
}

/// <summary>One of them. It is never closed by us: that could shut the socket for the others who have it open.</summary>
/// <param name="Name">As its socket unit calls it (FileDescriptorName).</param>
internal sealed record InheritedSocket(Socket Socket, string Name)
{
    private readonly EndPoint? _local = Socket.LocalEndPoint;

    public string Address => _local?.ToString() ?? "without an address";

    /// <returns>Absent when the descriptor is no listening stream socket.</returns>
    public static InheritedSocket? Of(int descriptor, string name)
    {
        try
        {
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
            return socket.SocketType == SocketType.Stream && socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is 1
                ? new InheritedSocket(socket, name)
                : null;
        }
        catch (SocketException)
        {
            return null; // a file or a pipe: nothing to listen on
        }
    }

    public bool IsAt(EndPoint wanted) => (wanted, _local) switch
    {
        (UnixDomainSocketEndPoint a, UnixDomainSocketEndPoint b) => a.ToString() == b.ToString(),
        (IPEndPoint a, IPEndPoint b) when a.Port == b.Port => a.Address.Equals(b.Address) || (IsAny(a.Address) && IsAny(b.Address)),
        _ => false,
    };

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
