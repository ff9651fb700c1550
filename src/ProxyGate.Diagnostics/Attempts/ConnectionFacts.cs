using System.Net.Sockets;

namespace ProxyGate.Diagnostics.Attempts;

/// <summary>One look-up of a destination's name.</summary>
public sealed record DnsFacts
{
    public required string Host { get; init; }

    /// <summary>The addresses answered, in the order they were tried.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    public double DurationMs { get; init; }

    /// <summary>The resolver's error, when it failed. NXDOMAIN and NODATA are <c>HostNotFound</c>; SERVFAIL, REFUSED <c>TryAgain</c>.</summary>
    public SocketError? Error { get; init; }

    public bool TimedOut { get; init; }
}

/// <summary>One address that was dialled.</summary>
public sealed record AddressTry
{
    /// <summary><c>ip:port</c>, or the path of a unix socket.</summary>
    public required string Address { get; init; }

    /// <summary>When this try began, counted from the start of dialling, in milliseconds.</summary>
    public double StartMs { get; init; }

    public double DurationMs { get; init; }

    public bool Connected { get; init; }

    public bool TimedOut { get; init; }

    /// <summary>Whether another address won the race before this one answered.</summary>
    public bool Abandoned { get; init; }

    public SocketError? Error { get; init; }

    public int? Errno { get; init; }
}

/// <summary>One TLS handshake with an upstream.</summary>
public sealed record TlsFacts
{
    /// <summary>The server name sent (SNI); absent when none was sent, as for IP addresses.</summary>
    public string? ServerName { get; init; }

    public double? HandshakeMs { get; init; }

    public bool Completed { get; init; }

    /// <summary>E.g. <c>Tls13</c>, once agreed.</summary>
    public string? Version { get; init; }

    public string? Cipher { get; init; }

    /// <summary>The ALPN protocol agreed on, if any.</summary>
    public string? Alpn { get; init; }

    /// <summary>The alert's number the peer sent (RFC 8446 section 6), during the handshake or after it.</summary>
    public int? AlertReceived { get; init; }

    /// <summary>
    /// OpenSSL's reason number when our own side ended the handshake over what the peer offered (<c>sslerr.h</c>), e.g. 258: a protocol
    /// version we do not speak.
    /// </summary>
    public int? OwnRefusal { get; init; }

    /// <summary>Whether the peer asked for a client certificate.</summary>
    public bool ClientCertificateRequested { get; init; }

    /// <summary>Whether one was configured and offered.</summary>
    public bool ClientCertificateSent { get; init; }

    /// <summary>Whether the first raw bytes from the peer were not a TLS record.</summary>
    public bool PeerIsNotTls { get; init; }

    public CertificateFacts? Certificate { get; init; }

    /// <summary>What our own verification found wrong; empty when the certificate was accepted or not yet seen.</summary>
    public IReadOnlyList<CertificateProblem> Problems { get; init; } = [];
}

/// <summary>Why a certificate was not accepted.</summary>
public enum CertificateProblem
{
    Expired,
    NotYetValid,
    NameMismatch,
    SelfSigned,
    UntrustedRoot,
    MissingIntermediate,
    UnknownIssuer,
    Revoked,
    WrongUsage,
    NotSent,
    Other,
}

/// <summary>The upstream's certificate. Hostile input.</summary>
public sealed record CertificateFacts
{
    public required string Subject { get; init; }

    public required string Issuer { get; init; }

    public IReadOnlyList<string> Names { get; init; } = [];

    public DateTimeOffset NotBefore { get; init; }

    public DateTimeOffset NotAfter { get; init; }

    /// <summary>How many certificates the peer sent, its own included.</summary>
    public int ChainLength { get; init; }
}

/// <summary>TCP_INFO at the moment of failure (Linux).</summary>
public sealed record TcpFacts
{
    public required string State { get; init; }

    public int Retransmits { get; init; }

    public int Unacked { get; init; }

    /// <summary>Bytes of this request that the peer's kernel acknowledged, as sent on the wire (below TLS).</summary>
    public long RequestBytesAcked { get; init; }

    /// <summary>Bytes of this request written to the socket (below TLS).</summary>
    public long RequestBytesOnWire { get; init; }

    public double RttMs { get; init; }
}

/// <summary>What an HTTP/2 connection showed (RFC 9113).</summary>
public sealed record Http2Facts
{
    public bool SettingsReceived { get; init; }

    /// <summary>The error code of the failure that ended the request, from RST_STREAM or GOAWAY (RFC 9113 section 7).</summary>
    public long? ErrorCode { get; init; }

    /// <summary>Whether <see cref="ErrorCode"/> came in a frame from the peer (false: our side refused the peer's frames).</summary>
    public bool FromPeer { get; init; }

    public bool GoAway { get; init; }

    public int? GoAwayLastStreamId { get; init; }

    public long? GoAwayCode { get; init; }

    /// <summary>The debug text of the GOAWAY. Hostile input.</summary>
    public string? GoAwayDebug { get; init; }

    /// <summary>Whether the peer said it did not process this request (REFUSED_STREAM, or GOAWAY below our stream).</summary>
    public bool NotProcessed { get; init; }

    /// <summary>Whether the peer's first bytes were no HTTP/2 frame.</summary>
    public bool PeerIsNotHttp2 { get; init; }
}

/// <summary>How the body was framed and how much of it came.</summary>
public sealed record BodyFacts
{
    public long? ContentLength { get; init; }

    public bool Chunked { get; init; }

    /// <summary>The answer's <c>Content-Encoding</c>, when it named one. Hostile input.</summary>
    public string? ContentEncoding { get; init; }

    public long BytesReceived { get; init; }

    /// <summary>Whether any byte of the answer was passed to the client before the failure.</summary>
    public bool ResponseStarted { get; init; }
}

/// <summary>Fields by which an upstream names itself. Hostile input.</summary>
public sealed record UpstreamIdentity
{
    public string? Server { get; init; }

    public string? Via { get; init; }

    public string? ProxyStatus { get; init; }
}
