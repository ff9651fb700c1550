using System.Globalization;

namespace ProxyGate.Investigation.Probing.Paths;

/// <summary>
/// The kernel's count of retransmissions it could not hand down (TcpExt TCPRetransFail): it grows when a packet filter of this very
/// machine swallows an outgoing packet, and needs no privilege to read. It counts for the whole network namespace.
/// </summary>
internal static class SendFailures
{
    /// <summary>Absent where it cannot be read.</summary>
    public static long? Count()
    {
        try
        {
            return Parse(File.ReadAllText("/proc/self/net/netstat"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Two lines a group: names, then numbers in the same order.</summary>
    internal static long? Parse(string text)
    {
        var lines = text.Split('\n').Where(l => l.StartsWith("TcpExt:", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        if (lines.Count < 2) return null;
        var at = Array.IndexOf(lines[0], "TCPRetransFail");
        return at > 0 && at < lines[1].Length && long.TryParse(lines[1][at], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
    }
}
