using System.Net.Http;
using System.Net.Sockets;

namespace ProxyGate.Diagnostics.Attempts;

/// <summary>
/// What was seen during one try to get a response from one destination. Facts only: no cause, no guess. Every duration is in
/// milliseconds and absent (<c>null</c>) when the phase was not reached; every byte count is of plaintext HTTP bytes of this request.
/// </summary>
public sealed record AttemptFacts
{
    /// <summary>1 for the first attempt of a request.</summary>
    public required int Number { get; init; }

    /// <summary>The destination's id in the configuration.</summary>
    public required string Destination { get; init; }

    /// <summary>The destination's configured address, e.g. <c>http://localhost:5000</c>.</summary>
    public required string DestinationUrl { get; init; }

    /// <summary>Whether the gateway was told to speak TLS to this destination.</summary>
    public bool UsesTls { get; init; }

    /// <summary>Whether the destination is a unix socket; then <see cref="Address"/> is its path.</summary>
    public bool IsUnixSocket { get; init; }

    /// <summary>The address the connection went to (<c>ip:port</c> or socket path), when one was made.</summary>
    public string? Address { get; init; }

    /// <summary>Our own end of a connection that failed (<c>ip:port</c>): on one machine it leads to the app's end.</summary>
    public string? LocalAddress { get; init; }

    /// <summary>The protocol spoken on the connection: <c>http/1.1</c>, <c>h2</c> or <c>h2c</c>.</summary>
    public string Protocol { get; init; } = "http/1.1";

    /// <summary>The name look-up; absent for literal addresses and reused connections.</summary>
    public DnsFacts? Dns { get; init; }

    /// <summary>Every address tried, in order of trying. Empty on a reused connection.</summary>
    public IReadOnlyList<AddressTry> AddressesTried { get; init; } = [];

    /// <summary>The handshake, when TLS was configured and reached. Kept with the connection, so present on reused ones too.</summary>
    public TlsFacts? Tls { get; init; }

    /// <summary>Whether the connection had carried an earlier request.</summary>
    public bool Reused { get; init; }

    /// <summary>1 for the first request on the connection; 0 when no connection was made.</summary>
    public int RequestNumber { get; init; }

    /// <summary>How long the connection had been idle before this request.</summary>
    public double? IdleMs { get; init; }

    /// <summary>From the resolved name to a TCP or unix-socket connection, when dialled for this attempt; look-up and TLS have their own.</summary>
    public double? ConnectMs { get; init; }

    /// <summary>From the start of sending to the last byte of the request sent.</summary>
    public double? SendMs { get; init; }

    /// <summary>From the start of sending to the first byte of the answer.</summary>
    public double? FirstByteMs { get; init; }

    /// <summary>The whole attempt.</summary>
    public double DurationMs { get; init; }

    /// <summary>Request bytes handed to the connection (head and body).</summary>
    public long BytesSent { get; init; }

    /// <summary>Of <see cref="BytesSent"/>, the body's.</summary>
    public long BodyBytesSent { get; init; }

    /// <summary>Whether the whole request, with its body, was handed to the connection.</summary>
    public bool RequestComplete { get; init; }

    /// <summary>Answer bytes received for this request.</summary>
    public long BytesReceived { get; init; }

    /// <summary>The first bytes of this answer, at most 64. On a failed handshake: the first raw bytes under TLS. Hostile input.</summary>
    public byte[] FirstBytes { get; init; } = [];

    /// <summary>The status the upstream sent, when a valid status line was read (of the final response, not a 1xx).</summary>
    public int? UpstreamStatus { get; init; }

    /// <summary>The upstream's <c>Server</c>, <c>Via</c> and <c>Proxy-Status</c> fields, when sent. Hostile input.</summary>
    public UpstreamIdentity? UpstreamIdentity { get; init; }

    /// <summary>What the upstream said about framing and how much of it came, for the body stage.</summary>
    public BodyFacts? Body { get; init; }

    /// <summary>The HTTP/2 view of the connection, when one was used.</summary>
    public Http2Facts? Http2 { get; init; }

    /// <summary>What the kernel knew about the connection at the moment of failure (Linux).</summary>
    public TcpFacts? Tcp { get; init; }

    /// <summary>How the attempt ended.</summary>
    public required AttemptEnd End { get; init; }

    /// <summary>When <see cref="End"/> is a defect of the answer's head: which.</summary>
    public HeadDefect HeadDefect { get; init; }

    /// <summary>A short text that goes with <see cref="HeadDefect"/>: the offending field name, value or status. Hostile input.</summary>
    public string? DefectDetail { get; init; }

    /// <summary>The phase whose limit passed, when <see cref="End"/> is <see cref="AttemptEnd.TimedOut"/>.</summary>
    public TimeoutPhase TimedOut { get; init; }

    /// <summary>The limit that passed, in milliseconds.</summary>
    public double? TimeoutMs { get; init; }

    /// <summary>The socket error of the failing call, when there was one.</summary>
    public SocketError? SocketError { get; init; }

    /// <summary>The operating system's number for <see cref="SocketError"/> (Linux errno).</summary>
    public int? Errno { get; init; }

    /// <summary>The HTTP client's own classification, when the failure came through it (HTTP/2 upstreams).</summary>
    public HttpRequestError? HttpError { get; init; }

    /// <summary>The exception text, shown to operators when nothing better is known. Hostile input.</summary>
    public string? Message { get; init; }
}

/// <summary>How an attempt ended.</summary>
public enum AttemptEnd
{
    /// <summary>The answer was received whole (whatever its status).</summary>
    Answered,
    /// <summary>The name did not resolve; see <see cref="AttemptFacts.Dns"/>.</summary>
    DnsFailed,
    /// <summary>No address could be connected to; see <see cref="AttemptFacts.AddressesTried"/>.</summary>
    ConnectFailed,
    /// <summary>The TLS handshake failed; see <see cref="AttemptFacts.Tls"/>.</summary>
    TlsFailed,
    /// <summary>The peer closed in order (FIN) where more was expected.</summary>
    PeerClosed,
    /// <summary>The peer reset the connection (RST), or writing met a connection already gone (EPIPE).</summary>
    PeerReset,
    /// <summary>A limit of ours passed; see <see cref="AttemptFacts.TimedOut"/>.</summary>
    TimedOut,
    /// <summary>The answer's head was refused; see <see cref="AttemptFacts.HeadDefect"/>.</summary>
    HeadRefused,
    /// <summary>The answer's chunked framing was broken.</summary>
    ChunkInvalid,
    /// <summary>The answer's body passed a configured limit.</summary>
    BodyTooLarge,
    /// <summary>HTTP/2: the peer reset the stream or closed the connection with an error; see <see cref="AttemptFacts.Http2"/>.</summary>
    Http2Error,
    /// <summary>The protocol that was required could not be agreed on (ALPN).</summary>
    VersionNotNegotiated,
    /// <summary>The resolved address is outside what the configuration allows.</summary>
    AddressForbidden,
    /// <summary>The destination's address cannot be used (bad URL, scheme, version).</summary>
    DestinationInvalid,
    /// <summary>The attempt was given up because the client went away or its body failed.</summary>
    ClientGone,
    /// <summary>The attempt was given up because the gateway had to stop.</summary>
    GatewayStopped,
    /// <summary>A failure inside the gateway.</summary>
    GatewayFault,
    /// <summary>None of the above; the text is in <see cref="AttemptFacts.Message"/>.</summary>
    Unknown,
}

/// <summary>The phase whose time limit passed.</summary>
public enum TimeoutPhase
{
    None,
    Dns,
    Connect,
    Tls,
    Send,
    FirstByte,
    /// <summary>A response head was begun and not finished in time.</summary>
    Head,
    /// <summary>No byte of the body for the idle limit.</summary>
    Idle,
    Total,
}

/// <summary>What was wrong with an answer's head (RFC 9112 sections 4 to 6).</summary>
public enum HeadDefect
{
    None,
    /// <summary>The first bytes cannot be the start of an HTTP/1.x status line.</summary>
    NotHttp,
    /// <summary>It begins like HTTP but the status line is broken.</summary>
    StatusLineMalformed,
    /// <summary>A three-digit status is required (RFC 9110 section 15): outside 100–599.</summary>
    StatusOutOfRange,
    /// <summary>An HTTP major version other than 1.</summary>
    VersionUnsupported,
    /// <summary>A field line without a colon, or an obsolete folded line.</summary>
    FieldLineMalformed,
    /// <summary>A field name with a character that is not a token, or space before the colon.</summary>
    FieldNameInvalid,
    /// <summary>NUL, CR or another control character in a field value.</summary>
    FieldValueInvalid,
    /// <summary>The head is larger than the configured limit.</summary>
    TooLarge,
    /// <summary>Interim (1xx) answers without end.</summary>
    TooManyInterim,
    /// <summary>Content-Length together with Transfer-Encoding, or several lengths.</summary>
    FramingConflict,
    /// <summary>A Content-Length that is not a number.</summary>
    ContentLengthInvalid,
    /// <summary>A Transfer-Encoding other than chunked.</summary>
    TransferCodingUnknown,
    /// <summary>A 101 nobody asked for, or to another protocol than the one asked for.</summary>
    UnexpectedUpgrade,
    /// <summary>A 101 with a wrong Sec-WebSocket-Accept.</summary>
    UpgradeAcceptInvalid,
    /// <summary>The known 400 page of a TLS server that was spoken to in plain HTTP (nginx, Go, Apache, HAProxy), when the gateway itself chose http.</summary>
    PlainHttpToTlsPage,
    /// <summary>The known 400 page of an HTTP/2-only port spoken to in HTTP/1.1 (Kestrel).</summary>
    Http2OnlyPage,
    /// <summary>The known 400 page of a server that wants a client certificate (nginx), when the gateway sent none.</summary>
    ClientCertificatePage,
    /// <summary>HTTP/2: a pseudo-header or field the client must refuse.</summary>
    Http2FieldInvalid,
}
