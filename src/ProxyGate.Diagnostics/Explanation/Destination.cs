using System.Globalization;
using System.Net;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>A destination's configured address, taken apart without ever failing: what cannot be read is kept as the host.</summary>
internal sealed record Destination(string Scheme, string Host, int Port, string? SocketPath)
{
    private const string UnixPrefix = "unix:";

    public bool IsUnixSocket => SocketPath is not null;

    /// <summary>Whether the host is an address and so needs no look-up.</summary>
    public bool IsLiteral => IPAddress.TryParse(Host.Trim('[', ']'), out _);

    public bool IsLoopback => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary><c>host:port</c>, or the socket's path.</summary>
    public string HostPort => SocketPath ?? string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>The address with the other scheme, without path, user or query.</summary>
    public string Url(string scheme) => SocketPath is null ? $"{scheme}://{HostPort}/" : $"{scheme}://{UnixPrefix}{SocketPath}";

    public static Destination Parse(string url)
    {
        var separator = url.IndexOf("://", StringComparison.Ordinal);
        var scheme = separator > 0 ? url[..separator].ToLowerInvariant() : "http";
        var rest = separator >= 0 ? url[(separator + 3)..] : url;
        if (rest.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return new Destination(scheme, "localhost", 0, rest[UnixPrefix.Length..].TrimEnd(':'));
        }

        var end = rest.AsSpan().IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        var colon = authority.LastIndexOf(':');
        var isPort = colon > authority.LastIndexOf(']') && colon >= 0;
        var port = isPort && int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : scheme is "https" or "wss" ? 443 : 80;
        return new Destination(scheme, isPort ? authority[..colon] : authority, port, null);
    }
}
