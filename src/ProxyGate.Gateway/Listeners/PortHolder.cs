using System.Globalization;
using System.Net;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Says who already listens on an address, as far as /proc tells this user.</summary>
internal static class PortHolder
{
    private const string Listening = "0A";

    /// <summary>E.g. <c>nginx (pid 812)</c>; absent when nobody is found or the system does not tell.</summary>
    public static string? Describe(ListenAddress address)
    {
        try
        {
            var inodes = address.SocketPath is { } path ? UnixInodes(path) : TcpInodes(address);
            return inodes.Count == 0 ? null : Owner(inodes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static HashSet<string> TcpInodes(ListenAddress address)
    {
        var inodes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var table in (string[])["/proc/net/tcp", "/proc/net/tcp6"])
        {
            foreach (var line in File.Exists(table) ? File.ReadLines(table).Skip(1) : [])
            {
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[3] == Listening && LocalEnd(fields[1]) is { } end && end.Port == address.Port && Collides(address, end.Address))
                    inodes.Add(fields[9]);
            }
        }

        return inodes;
    }

    private static HashSet<string> UnixInodes(string path) =>
    [
        .. File.ReadLines("/proc/net/unix").Skip(1)
            .Select(l => l.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries))
            .Where(f => f.Length == 8 && f[7] == path)
            .Select(f => f[6]),
    ];

    /// <summary>Addresses stand there as host-order words in hexadecimal (proc(5)).</summary>
    private static IPEndPoint? LocalEnd(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port))
            return null;
        var bytes = Convert.FromHexString(text.AsSpan(0, colon));
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < bytes.Length; word += 4)
                bytes.AsSpan(word, 4).Reverse();
        }

        return new IPEndPoint(RealPeer.Plain(new IPAddress(bytes))!, port);
    }

    private static bool Collides(ListenAddress wanted, IPAddress held) =>
        held.Equals(IPAddress.Any) || held.Equals(IPAddress.IPv6Any)
        || (wanted.IsLocalhost ? IPAddress.IsLoopback(held)
            : Equals(wanted.Address, IPAddress.IPv6Any) || Equals(wanted.Address, IPAddress.Any) || Equals(wanted.Address, held));

    private static string? Owner(HashSet<string> inodes)
    {
        var links = inodes.Select(i => $"socket:[{i}]").ToHashSet(StringComparer.Ordinal);
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            var pid = Path.GetFileName(process);
            if (!pid.All(char.IsAsciiDigit) || !Holds(process, links))
                continue;
            var name = File.ReadAllText(Path.Combine(process, "comm")).Trim();
            // A process chooses its own name.
            return $"{new string([.. name.Select(c => char.IsControl(c) ? '?' : c)])} (pid {pid})";
        }

        return "a process of another user";
    }

    private static bool Holds(string process, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(fd => new FileInfo(fd).LinkTarget is { } target && links.Contains(target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }
}
