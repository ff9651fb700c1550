using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>HAProxy: the termination state of the log line (who ended it, and in which phase), and since 2.9 the error's name (bc_err_name).</summary>
internal static class HAProxySayings
{
    public static readonly SystemSayings States = new(
        "HAProxy",
        new(
            "SC--",
            "any connection that could not be made; bc_err tells which",
            ConnectRefused, HostUnreachable, NetworkUnreachable, ConnectReset, TlsToPlainHttpPort, TlsHandshakeClosed, TlsCertUntrusted, TlsCertExpired,
            TlsCertNotYetValid, TlsCertNameMismatch, TlsCertRevoked, TlsVersionOrCipherMismatch, TlsSniRejected, TlsAlertReceived, TlsClientCertRequired,
            NoHealthyDestination, NoDestinationsConfigured, SocketMissing, SocketPermissionDenied, GatewayConnectDenied, HttpVersionNotNegotiated,
            UpstreamStarting, UpstreamRestarting, CircuitOpen, DnsNoUsableAddress),
        new("sC--", "no connection in time, TLS included", ConnectTimeout, ListenBacklogFull, TlsHandshakeTimeout),
        new(
            "SH--",
            "the server ended it before its headers were complete, whatever the reason",
            UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, StaleConnection, UpstreamProcessExited, UpstreamOomKilled, ResponseHeadIncomplete,
            RequestSendFailed, UploadRejectedEarly, PlainHttpToTlsPort, HttpVersionMismatch, Http2GoawayOrRefused, Http2StreamReset),
        new("sH--", "also when it was the client that stopped sending", ResponseTimeout, RequestSendTimeout),
        new(
            "PH--",
            "any answer it did not like, or that a rule blocked",
            ResponseHeadMalformed, ResponseNotHttp, ResponseHeadTooLarge, ResponseFramingConflict, ResponseCodingUnknown, PlainHttpToTlsPort, HttpVersionMismatch,
            Http2ProtocolError),
        new("SD--", "", ResponseBodyTruncated, ResponseBodyReset, UpgradeBroken),
        new("sD--", "also an upload the server does not take in", ResponseBodyStalled, UpgradeIdleTimeout, RequestSendTimeout),
        new("PD--", "", ResponseChunkInvalid),
        new("CH--", "the client left while the answer was awaited", ClientDisconnected),
        new("CD--", "the client left while data was under way; also shown for clients that end a connection in their own way", ClientDisconnected, UpgradeBroken),
        new("CC--", "the client left before the connection was made", ClientDisconnected),
        new("CQ--", "the client left while it waited in the queue", ClientDisconnected),
        new("CR--", "the client ended it before its request was complete", ClientBodyFailed, ClientHeadTimeout),
        new("cR--", "", ClientHeadTimeout, ClientBodyTimeout),
        new("cH--", "", ClientBodyTimeout),
        new("cD--", "", UpgradeIdleTimeout, ClientDisconnected, ClientReadTimeout),
        new("PR--", "a rule, a limit or a request it did not understand", ClientRequestMalformed, DeniedByPolicy, RateLimited, ClientRequestTooLarge),
        new("PT--", "the request was held back on purpose (tarpit)", RateLimited, DeniedByPolicy),
        new("LR--", "any answer HAProxy gives by itself, redirects included", DeniedByPolicy, RateLimited, RouteNotFound),
        new("sQ--", "the time in the queue ran out", DestinationLimitReached, GatewayOverloaded),
        new("PC--", "the process is at its own limit of connections", GatewayFdsExhausted, GatewayOverloaded),
        new("RC--", "no memory, file or port left for a connection", GatewayPortsExhausted, GatewayFdsExhausted),
        new("IR--", "an error inside HAProxy", GatewayInternalError, GatewayConfigInvalid),
        new("IH--", "an error inside HAProxy", GatewayInternalError),
        new("<NOSRV>", "in place of the server's name: none was chosen", NoHealthyDestination, NoDestinationsConfigured, RouteNotFound, DestinationLimitReached),
        new("backend … has no server available!", "", NoHealthyDestination),
        new("Server …/… is DOWN, reason: Layer4 connection problem, info: \"Connection refused\"", "a health check's result", NoHealthyDestination),
        new("Server …/… is DOWN, reason: Layer4 timeout", "a health check's result", NoHealthyDestination),
        new("Server …/… is DOWN, reason: Layer7 wrong status", "a health check's result", NoHealthyDestination),
        new("could not resolve address '…'", "at the start: HAProxy does not run with it", DnsNotFound),
        Saying.Nothing("takes a server out (MAINT) whose name does not resolve; the request then shows SC-- with <NOSRV>", DnsFailed, DnsTimeout),
        Saying.Nothing("finishes what is under way, and takes no new connections", GatewayDraining),
        Saying.Nothing("has no such guard", DestinationForbidden),
        Saying.Nothing("the number of sessions runs up to maxconn", ProxyLoop),
        Saying.Nothing("does not unpack answers", ResponseEncodingInvalid),
        Saying.Nothing("has no limit for the size of an answer", ResponseTooLarge),
        Saying.Nothing("passes the app's answer on as it is", UpgradeFailed, UnexpectedUpgrade),
        Saying.Nothing("a service asked over SPOE or Lua decides by itself what its failure means", AuthServiceFailed),
        Saying.Nothing("the state is -- (all went well) with the app's status", UpstreamErrorPassedThrough, UpstreamIsAGateway),
        Saying.Nothing("every failure has a termination state", Unclassified));

    public static readonly SystemSayings Errors = new(
        "HAProxy",
        new("bc_err_name EREFUSED", "", ConnectRefused),
        new("bc_err_name ERESET", "", ConnectReset, UpstreamResetWithoutResponse),
        new("bc_err_name EUNREACH", "host and network alike", HostUnreachable, NetworkUnreachable),
        new("bc_err_name EPIPE", "", RequestSendFailed),
        new("bc_err_name NOPROTO", "", DnsNoUsableAddress),
        new("bc_err_name SSL_TIMEOUT", "", TlsHandshakeTimeout),
        new("bc_err_name SSL_EMPTY", "", TlsHandshakeClosed),
        new("bc_err_name SSL_ABORT", "", TlsHandshakeClosed),
        new("bc_err_name SSL_HANDSHAKE", "any failure of the handshake, certificates included; ssl_bc_err tells more", TlsVersionOrCipherMismatch, TlsToPlainHttpPort, TlsCertUntrusted, TlsCertExpired),
        new("Connection closed during SSL handshake", "", TlsHandshakeClosed),
        new("SSL handshake failure", "any failure of the handshake", TlsVersionOrCipherMismatch, TlsToPlainHttpPort, TlsCertUntrusted, TlsCertExpired, TlsAlertReceived),
        new("bc_err_name SSL_MISMATCH_SNI", "", TlsCertNameMismatch, TlsSniRejected),
        new("bc_err_name SSL_MISMATCH", "", TlsCertNameMismatch),
        new("bc_err_name FREE_PORTS", "", GatewayPortsExhausted),
        new("bc_err_name PORT_RANGE", "the source ports set in the configuration are used up", GatewayPortsExhausted),
        new("bc_err_name PROC_FDLIM", "", GatewayFdsExhausted),
        new("bc_err_name SYS_FDLIM", "the whole machine's limit", GatewayFdsExhausted));
}
