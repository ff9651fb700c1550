using System.Globalization;

namespace ProxyGate.Investigation.Host.Processes;

/// <summary>Finds the processes that hold sockets, by the descriptors in <c>/proc/PID/fd</c>. Workers share their parent's listener, so all holders are given.</summary>
internal sealed class SocketOwners
{
    private const int MostDescriptors = 20_000;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(400);
    private readonly Dictionary<ulong, List<int>> _pids = [];

    private SocketOwners() { }

    /// <summary>Processes whose descriptors may not be looked at.</summary>
    public int Denied { get; private set; }

    /// <summary>Whether the scan ended before all processes were looked at.</summary>
    public bool Cut { get; private set; }

    /// <summary>The processes that hold the socket, lowest number first.</summary>
    public IReadOnlyList<int> Of(ulong inode) => _pids.GetValueOrDefault(inode, []);

    /// <summary>Why a socket's holder is not among those found.</summary>
    public string WhyNone => Cut ? "there are too many processes to look at in time"
        : Denied > 0 ? "reading other users' processes needs root or CAP_SYS_PTRACE"
        : "no process seen from here holds it: it belongs to another container or to the kernel";

    public static SocketOwners Find(Sight sight, IReadOnlySet<ulong> inodes)
    {
        var owners = new SocketOwners();
        if (inodes.Count == 0) return owners;
        var start = TimeProvider.System.GetTimestamp();
        foreach (var pid in sight.Pids())
        {
            if (sight.Stop.IsCancellationRequested || TimeProvider.System.GetElapsedTime(start) > s_limit)
            {
                owners.Cut = true;
                break;
            }

            owners.LookAt(sight, pid, inodes);
        }

        return owners;
    }

    private void LookAt(Sight sight, int pid, IReadOnlySet<ulong> inodes)
    {
        try
        {
            foreach (var descriptor in Directory.EnumerateFileSystemEntries(sight.Proc(pid, "fd")).Take(MostDescriptors))
            {
                if (Inode(Native.ReadLink(descriptor, out _)) is not { } inode || !inodes.Contains(inode)) continue;
                if (!_pids.TryGetValue(inode, out var pids)) _pids[inode] = pids = [];
                if (!pids.Contains(pid)) pids.Add(pid);
            }
        }
        catch (UnauthorizedAccessException)
        {
            Denied++;
        }
        catch (IOException)
        {
            // The process ended while it was looked at: it holds nothing any more.
        }
    }

    /// <summary>The number in <c>socket:[123]</c>.</summary>
    internal static ulong? Inode(string? link) =>
        link is not null && link.StartsWith("socket:[", StringComparison.Ordinal) && link.EndsWith(']')
        && ulong.TryParse(link.AsSpan(8, link.Length - 9), NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            ? inode
            : null;
}
