using System.Globalization;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>Reads the listening sockets of <c>/proc/net/unix</c> (proc(5)). Lines in another form are passed over.</summary>
internal static class ProcNetUnix
{
    /// <summary>__SO_ACCEPTCON: the socket waits for connections.</summary>
    private const uint Listening = 0x10000;

    public static IEnumerable<UnixSocketSeen> Parse(string text) =>
        text.Split('\n').Select(ParseLine).OfType<UnixSocketSeen>();

    internal static UnixSocketSeen? ParseLine(string line)
    {
        // Num RefCount Protocol Flags Type St Inode Path; the path is the rest of the line and may hold spaces.
        var fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 8
            && uint.TryParse(fields[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var flags) && (flags & Listening) != 0
            && ulong.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            ? new UnixSocketSeen(fields[7], inode)
            : null;
    }
}
