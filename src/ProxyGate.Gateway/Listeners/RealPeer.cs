using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Who is really at the other end of the connection, whatever any header field says. A feature of the connection, so it costs a request nothing.
/// </summary>
/// <param name="Address">Absent on a unix socket.</param>
internal sealed record RealPeer(IPAddress? Address, bool IsUnixSocket)
{
    /// <summary>The request that this thread asked about last, and its peer: the server looks a feature of the connection up behind all of its own.</summary>
    [ThreadStatic]
    private static (HttpContext Request, RealPeer Peer)? t_last;

    /// <summary>The peer of a request; absent where the server is not ours.</summary>
    public static RealPeer? Of(HttpContext context)
    {
        if (t_last is { } last && ReferenceEquals(last.Request, context)) return last.Peer;
        var peer = (RealPeer?)context.Features[typeof(RealPeer)];
        // A context serves one connection only, over all of its requests.
        if (peer is not null) t_last = (context, peer);
        return peer;
    }

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
