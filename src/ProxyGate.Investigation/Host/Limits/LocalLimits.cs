using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Host.Limits;

/// <summary>Reads the limits of this machine and of the gateway's own process.</summary>
internal static partial class LocalLimits
{
    private const int MostDescriptors = 1_100_000;

    public static LocalLimitFacts Read(Sight sight, IPEndPoint? destination, long? overflowsBefore)
    {
        var range = ParseRange(Sight.ReadText(sight.Proc("sys", "net", "ipv4", "ip_local_port_range"), 64));
        if (range is null && destination is not null) sight.Miss("how many local ports there are", "ip_local_port_range cannot be read");
        var overflows = ListenOverflows(sight);
        return new LocalLimitFacts
        {
            OpenFiles = Descriptors(sight),
            OpenFileLimit = ParseOpenFiles(Sight.ReadText(sight.Proc("self", "limits"), 8192)),
            PortsInUse = destination is null ? null : sight.Look<int?>("ports in use", "the local ports in use", () => new SocketTable(sight, null).PortsTowards(destination)),
            PortRange = range,
            ConntrackCount = Sight.ReadNumber(sight.Proc("sys", "net", "netfilter", "nf_conntrack_count")),
            ConntrackLimit = Sight.ReadNumber(sight.Proc("sys", "net", "netfilter", "nf_conntrack_max")),

            // A counter smaller than before was reset with its network: there is no growth to tell.
            ListenOverflows = overflows >= overflowsBefore ? overflows - overflowsBefore : null,
        };
    }

    public static long? ListenOverflows(Sight sight) => ParseNetstat(Sight.ReadText(sight.Proc("net", "netstat"), 64 * 1024), "TcpExt:", "ListenOverflows");

    private static int? Descriptors(Sight sight)
    {
        try
        {
            // The listing itself holds one.
            return Directory.EnumerateFileSystemEntries(sight.Proc("self", "fd")).Take(MostDescriptors).Count() - 1;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            sight.Miss("the gateway's open files", error.Message);
            return null;
        }
    }

    /// <summary>The soft limit in <c>/proc/self/limits</c>; absent when there is none.</summary>
    internal static int? ParseOpenFiles(string? text) =>
        text is not null && OpenFiles().Match(text) is { Success: true } match && int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    internal static int? ParseRange(string? text)
    {
        var parts = text?.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return parts is [var low, var high] && ushort.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last >= first
            ? last - first + 1
            : null;
    }

    /// <summary>A counter in <c>/proc/net/netstat</c>: one line of names, then one of numbers in the same order; kernels differ in which there are.</summary>
    internal static long? ParseNetstat(string? text, string table, string counter)
    {
        string[]? names = null;
        foreach (var line in (text ?? "").Split('\n'))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0] != table) continue;
            if (names is null)
            {
                names = words;
                continue;
            }

            var at = Array.IndexOf(names, counter);
            return at > 0 && at < words.Length && long.TryParse(words[at], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        }

        return null;
    }

    [GeneratedRegex(@"^Max open files\s+(\d+)\s", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex OpenFiles();
}
