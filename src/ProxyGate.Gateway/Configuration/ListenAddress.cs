using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Gateway.Configuration;

/// <summary>A place to listen: <c>http://localhost:8080</c>, <c>https://*:443</c>, <c>http://[::1]:80</c>, <c>http://unix:/run/proxygate.sock</c>.</summary>
internal sealed record ListenAddress
{
    public bool IsHttps { get; init; }

    /// <summary>Both loopback families.</summary>
    public bool IsLocalhost { get; init; }

    /// <summary>Absent for localhost and unix sockets; <see cref="IPAddress.IPv6Any"/> for every address of both families.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>0: the system chooses.</summary>
    public int Port { get; init; }

    public string? SocketPath { get; init; }

    public bool IsLoopback => IsLocalhost || SocketPath is not null || (Address is not null && IPAddress.IsLoopback(Address));

    private bool IsAny => Equals(Address, IPAddress.Any) || Equals(Address, IPAddress.IPv6Any);

    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out ListenAddress? address,
        [NotNullWhen(false)] out string? mistake,
        out string? suggestion)
    {
        address = null;
        mistake = null;
        suggestion = null;
        if (!TryScheme(text, out var https, out var rest))
        {
            mistake = "must begin with http:// or https://";
            suggestion = Suggest(text);
            return false;
        }

        if (rest.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
        {
            var path = rest[5..];
            if (path.Length < 2 || path[0] != '/' || path.EndsWith('/'))
                mistake = "needs the socket's absolute path after unix:";
            else if (Encoding.UTF8.GetByteCount(path) > UnixDestinations.MaxPathBytes)
                mistake = $"has a socket path longer than the {UnixDestinations.MaxPathBytes} bytes a unix socket can have";
            else
                address = new ListenAddress { IsHttps = https, SocketPath = path };
            return mistake is null;
        }

        var scheme = https ? "https://" : "http://";
        var slash = rest.IndexOfAny(['/', '?', '#']);
        if (slash >= 0 && rest[slash..] != "/")
        {
            mistake = "has a path; a listen address is only scheme, address and port";
            suggestion = scheme + rest[..slash];
            return false;
        }

        return TryHostAndPort(slash < 0 ? rest : rest[..slash], https, out address, out mistake, out suggestion);
    }

    /// <summary>Whether the system would refuse to bind both.</summary>
    public bool Overlaps(ListenAddress other)
    {
        if (SocketPath is not null || other.SocketPath is not null)
            return SocketPath == other.SocketPath;
        if (Port != other.Port || Port == 0)
            return false;
        if (IsAny || other.IsAny)
            return Covers(other) || other.Covers(this);
        if (IsLocalhost || other.IsLocalhost)
            return (IsLocalhost || IsLoopbackBase(Address)) && (other.IsLocalhost || IsLoopbackBase(other.Address));
        return Equals(Address, other.Address);
    }

    public override string ToString()
    {
        var scheme = IsHttps ? "https://" : "http://";
        if (SocketPath is not null)
            return scheme + "unix:" + SocketPath;
        var host = IsLocalhost ? "localhost"
            : Equals(Address, IPAddress.IPv6Any) ? "*"
            : Address!.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}{host}:{Port}");
    }

    private static bool IsLoopbackBase(IPAddress? address) => Equals(address, IPAddress.Loopback) || Equals(address, IPAddress.IPv6Loopback);

    private bool Covers(ListenAddress other) => Equals(Address, IPAddress.IPv6Any)
        || (Equals(Address, IPAddress.Any) && (other.IsLocalhost || other.Address?.AddressFamily == AddressFamily.InterNetwork));

    private static bool TryScheme(string text, out bool https, out string rest)
    {
        https = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        var plain = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        rest = https ? text[8..] : plain ? text[7..] : "";
        return https || plain;
    }

    private static bool TryHostAndPort(string text, bool https, out ListenAddress? address, out string? mistake, out string? suggestion)
    {
        address = null;
        suggestion = null;
        var colon = text.LastIndexOf(':');
        var host = text;
        var port = https ? 443 : 80;
        if (colon >= 0 && (!text.Contains('[', StringComparison.Ordinal) || colon > text.IndexOf(']', StringComparison.Ordinal)))
        {
            host = text[..colon];
            if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65535)
            {
                mistake = $"has the port \"{text[(colon + 1)..]}\"; a port is a number from 0 to 65535 (0: the system chooses)";
                return false;
            }
        }

        mistake = null;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            address = new ListenAddress { IsHttps = https, IsLocalhost = true, Port = port };
        }
        else if (host is "*" or "+")
        {
            address = new ListenAddress { IsHttps = https, Address = IPAddress.IPv6Any, Port = port };
        }
        else if (IPAddress.TryParse(host, out var ip) && (ip.AddressFamily == AddressFamily.InterNetworkV6 || host.Count(c => c == '.') == 3))
        {
            address = new ListenAddress { IsHttps = https, Address = ip, Port = port };
        }
        else
        {
            mistake = host.Length == 0
                ? "names no address; use localhost, an IP address, or * for all"
                : $"names the host \"{host}\"; the gateway listens on localhost, an IP address, or * for all (host names belong in a route's Match:Hosts)";
            suggestion = Spelling.Nearest(host, ["localhost"]) is { } near
                ? string.Create(CultureInfo.InvariantCulture, $"{(https ? "https" : "http")}://{near}:{port}")
                : null;
        }

        return mistake is null;
    }

    private static string? Suggest(string text)
    {
        var split = text.IndexOf("://", StringComparison.Ordinal);
        if (split > 0)
            return Spelling.Nearest(text[..split], ["http", "https"]) is { } scheme ? scheme + text[split..] : null;
        if (text.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return "http://" + text;
        if (text.StartsWith('/') && text.EndsWith(".sock", StringComparison.Ordinal))
            return "http://unix:" + text;
        if (int.TryParse(text.TrimStart(':'), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535)
            return string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        var withScheme = "http://" + text;
        return text.Length > 0 && TryParse(withScheme, out _, out _, out _) ? withScheme : null;
    }
}
