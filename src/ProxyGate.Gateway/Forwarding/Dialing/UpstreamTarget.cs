using System.Net;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>Where connections of one kind go: the key of a connection pool.</summary>
/// <param name="Host">Name or address literal, without brackets.</param>
/// <param name="Port">TCP port; 0 for unix sockets.</param>
/// <param name="UnixPath">The socket's path, for unix sockets.</param>
/// <param name="UsesTls">Whether to speak TLS.</param>
internal sealed record UpstreamTarget(string Host, int Port, string? UnixPath, bool UsesTls)
{
    public IPAddress? Literal { get; } = UnixPath is null && IPAddress.TryParse(Host, out var address) ? address : null;
}
