using System.Collections.Frozen;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>Fields of one connection or of an old proxy protocol, which are never passed on. The list is YARP's, so that both ways of forwarding agree.</summary>
internal static class HopByHop
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
    [
        "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
        "Proxy-Features", "Proxy-Instruction", "Security-Scheme", "ALPN", "Close", "HTTP2-Settings", "Upgrade-Insecure-Requests", "TE", "Alt-Svc",
    ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// What frames, routes, conditions, authorizes or describes a message comes too late behind it (RFC 9110 section 6.5.1), and to believe it there is
    /// how messages are smuggled. A recipient may discard a trailer field; .NET's own client discards these, but for those of the hop.
    /// </summary>
    private static readonly FrozenSet<string> NoTrailers = FrozenSet.ToFrozenSet(
    [
        "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "Host", "Expect", "Max-Forwards", "Range", "Cache-Control", "Pragma",
        "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Authorization", "Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate", "Age", "Date",
        "Expires", "Location", "Retry-After", "Vary", "Warning", "Content-Disposition", "Content-Encoding", "Content-Location", "Content-Range", "Content-Type",
        "Set-Cookie", "Cookie",
    ],
        StringComparer.OrdinalIgnoreCase);

    public static bool Contains(string name) => Names.Contains(name);

    /// <summary>Whether the message could not be read or sent without the field, whatever anybody says of it.</summary>
    public static bool Frames(string name) => name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a field may stand in a trailer section. Who the client is is told in the head, by the gateway alone.</summary>
    public static bool MayTrail(string name) => !NoTrailers.Contains(name) && !ConnectionField.TellsOfClient(name);
}
