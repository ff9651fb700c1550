using System.Net;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>Where connections of one kind go: the key of a connection pool.</summary>
/// <param name="Host">Name or address literal, without brackets.</param>
/// <param name="Port">TCP port; 0 for unix sockets.</param>
/// <param name="UnixPath">The socket's path, for unix sockets.</param>
/// <param name="UsesTls">Whether to speak TLS.</param>
/// <param name="Pinned">The one address of the name to use; absent: whichever answers.</param>
internal sealed record UpstreamTarget(string Host, int Port, string? UnixPath, bool UsesTls, IPAddress? Pinned = null)
{
    /// <summary>The Host field of requests that name none (RFC 9110 section 7.2): with the port unless it is the scheme's own.</summary>
    public string HostField { get; } = UnixPath is not null
        ? "localhost"
        : (Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)
            + (Port == (UsesTls ? 443 : 80) ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $":{Port}"));

    /// <summary>Where a destination's address leads.</summary>
    public static UpstreamTarget Of(Uri uri)
    {
        var tls = uri.Scheme == Uri.UriSchemeHttps;
        return UnixDestinations.TryGetPath(uri.Host, out var path) ? new UpstreamTarget("localhost", 0, path, tls)
            : PinnedDestinations.TryGet(uri.IdnHost, out var name, out var pinned) ? new UpstreamTarget(name, uri.Port, null, tls, pinned)
            : new UpstreamTarget(uri.IdnHost.Trim('[', ']'), uri.Port, null, tls);
    }

    public IPAddress? Literal { get; } = Pinned ?? (UnixPath is null && IPAddress.TryParse(Host, out var address) ? address : null);
}
