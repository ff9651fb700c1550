using System.Globalization;
using System.Net;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>Reads <c>/proc/net/tcp</c> and <c>/proc/net/tcp6</c> (proc(5)). Lines in another form are passed over.</summary>
internal static class ProcNetTcp
{
    private static readonly char[] s_space = [' ', '\t'];

    public static IEnumerable<TcpSocketSeen> Parse(string text) =>
        text.Split('\n').Select(ParseLine).OfType<TcpSocketSeen>();

    internal static TcpSocketSeen? ParseLine(string line)
    {
        var fields = line.Split(s_space, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 10 || !fields[0].EndsWith(':')) return null;
        if (Address(fields[1]) is not { } local || Address(fields[2]) is not { } remote) return null;
        var queues = fields[4].Split(':');
        if (queues.Length != 2
            || !byte.TryParse(fields[3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var state)
            || !uint.TryParse(queues[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var receive)
            || !ulong.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode)) return null;
        return new TcpSocketSeen { Local = local, Remote = remote, State = (SocketState)state, ReceiveQueue = receive, Inode = inode };
    }

    /// <summary>Each 32 bits are printed as one number in the machine's own byte order, the port in the network's.</summary>
    private static IPEndPoint? Address(string field)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !ushort.TryParse(field.AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port)) return null;
        var bytes = new byte[colon / 2];
        for (var at = 0; at < colon; at += 8)
        {
            if (!uint.TryParse(field.AsSpan(at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var word)) return null;
            BitConverter.TryWriteBytes(bytes.AsSpan(at / 2), word);
        }

        var address = new IPAddress(bytes);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }
}
