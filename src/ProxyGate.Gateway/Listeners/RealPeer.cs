using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Who is really at the other end of the connection, whatever any header field says. A feature of the connection, so it costs a request nothing.
/// </summary>
/// <param name="Address">Absent on a unix socket.</param>
internal sealed record RealPeer(IPAddress? Address, bool IsUnixSocket)
{
    /// <summary>Whether it is a trusted proxy, whose forwarding fields are believed: by the settings in force for the last request.</summary>
    public bool IsBelieved { get; set; }

    /// <summary>The listener it came in by; absent where the server is not ours.</summary>
    public ListenerFeature? Listener { get; init; }

    /// <summary>What the last request on this connection told the upstream of its client.</summary>
    public ForwardedLines? Lines { get; set; }

    /// <summary>Where an idle connection is let to rest: asked to remember who serves its requests.</summary>
    public RestingConnection? Resting { get; set; }

    /// <summary>The address as it is sent in header fields; IPv4 addresses without their IPv6 dress. Absent on a unix socket.</summary>
    public string? Text { get; } = Plain(Address)?.ToString();

    /// <summary>On a dual-stack socket IPv4 clients appear as ::ffff:1.2.3.4; and a zone (%eth0) means nothing to anyone else.</summary>
    public static IPAddress? Plain(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4()
        : address is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: not 0 } ? new IPAddress(address.GetAddressBytes())
        : address;
}
