using System.Globalization;

namespace ProxyGate.Investigation.Probing.Paths;

/// <summary>
/// The kernel's count of retransmissions it could not hand down (TcpExt TCPRetransFail): it grows when a packet filter of this very
/// machine swallows an outgoing packet, and needs no privilege to read. It counts for the whole network namespace.
/// </summary>
internal static class SendFailures
{
    /// <param name="Failures">The kernel's count.</param>
    /// <param name="SentAgain">How many of our own packets had been due again by then.</param>
    public sealed record Sample(long Failures, int SentAgain);

    /// <summary>Both numbers of one moment; absent where the count cannot be read.</summary>
    public static Sample? Take(Func<int> sentAgain)
    {
        const int Tries = 5;
        for (var i = 0; ; i++)
        {
            var ours = sentAgain();
            if (Count() is not { } failures) return null;
            if (sentAgain() == ours || i == Tries) return new Sample(failures, ours);
        }
    }

    private static long? Count()
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
