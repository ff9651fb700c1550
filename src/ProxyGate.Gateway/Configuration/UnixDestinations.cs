using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// Unix-socket destinations. A <see cref="Uri"/> cannot hold <c>http://unix:/run/app.sock</c>, so the path travels as a host name: its bytes in
/// hexadecimal, in labels, under a name that can never exist (RFC 2606). The way back needs no memory, so a host always leads to its socket.
/// </summary>
internal static class UnixDestinations
{
    /// <summary>sun_path holds 108 bytes, the last one zero (unix(7)).</summary>
    public const int MaxPathBytes = 107;

    private const string Suffix = ".unix.proxygate.invalid";
    private const int LabelLength = 62;

    /// <summary>True for <c>http://unix:…</c> and <c>https://unix:…</c>, well-formed or not.</summary>
    public static bool IsUnix(string address) => AfterScheme(address) is not null;

    /// <summary>Turns <c>http://unix:/run/app.sock</c>, optionally followed by <c>:/path</c>, into an address a <see cref="Uri"/> can hold.</summary>
    public static bool TryEncode(string address, [NotNullWhen(true)] out string? encoded, [NotNullWhen(false)] out string? mistake)
    {
        encoded = null;
        mistake = null;
        var rest = AfterScheme(address);
        if (rest is null || !rest.StartsWith('/'))
        {
            mistake = rest is null ? "is not a unix-socket address" : "needs the socket's absolute path after unix:";
            return false;
        }

        // As in nginx: the socket's path ends at the next colon, a URI path may follow.
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        var socket = colon < 0 ? rest : rest[..colon];
        var path = colon < 0 ? "/" : rest[(colon + 1)..];
        if (!path.StartsWith('/'))
            mistake = "needs a path that begins with / after the socket's colon";
        else if (socket.Length < 2 || socket.EndsWith('/'))
            mistake = "needs the path of a socket, not of a folder";
        else if (Encoding.UTF8.GetByteCount(socket) > MaxPathBytes)
            mistake = $"has a socket path longer than the {MaxPathBytes} bytes a unix socket can have";
        if (mistake is not null)
            return false;

        encoded = $"{address[..address.IndexOf("://", StringComparison.Ordinal)].ToLowerInvariant()}://{Host(socket)}{path}";
        return true;
    }

    /// <summary>The socket's path behind a destination's host; false when the host is an ordinary name.</summary>
    public static bool TryGetPath(string host, [NotNullWhen(true)] out string? path)
    {
        path = null;
        if (!host.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
            return false;
        var hex = host[..^Suffix.Length].Replace(".", "", StringComparison.Ordinal);
        if (hex.Length is 0 or > MaxPathBytes * 2 || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
            return false;
        path = Encoding.UTF8.GetString(Convert.FromHexString(hex));
        return true;
    }

    /// <summary>An address as the person wrote it: an encoded one back in its unix form or its name, any other unchanged.</summary>
    public static string Display(string address)
    {
        address = PinnedDestinations.Display(address);
        var start = address.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return address;
        start += 3;
        var end = address.IndexOf('/', start);
        var host = end < 0 ? address[start..] : address[start..end];
        if (!TryGetPath(host, out var socket))
            return address;
        var path = end < 0 ? "/" : address[end..];
        return address[..start] + "unix:" + socket + (path == "/" ? "" : ":" + path);
    }

    private static string Host(string socket)
    {
        var hex = Convert.ToHexStringLower(Encoding.UTF8.GetBytes(socket));
        return string.Join('.', hex.Chunk(LabelLength).Select(label => new string(label))) + Suffix;
    }

    private static string? AfterScheme(string address)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["http://unix:", "https://unix:"])
        {
            if (address.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                return address[scheme.Length..];
        }

        return null;
    }
}
