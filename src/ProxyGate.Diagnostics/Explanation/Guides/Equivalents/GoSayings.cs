using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>Traefik, Caddy and other programs written in Go, which share Go's texts.</summary>
internal static class GoSayings
{
    public static readonly SystemSayings Traefik = new(
        "Traefik",
        new("404 page not found", "no router fits; also when the container is stopped, because its routes go with it", RouteNotFound),
        new("no available server", "", NoHealthyDestination, NoDestinationsConfigured),
        new("500 Internal Server Error caused by: tls: failed to verify certificate: …", "Traefik answers 500 to what it does not know", TlsCertUntrusted, TlsCertExpired, TlsCertNameMismatch),
        new("502 Bad Gateway caused by: EOF", "at level debug", UpstreamClosedWithoutResponse, StaleConnection),
        new("502 Bad Gateway caused by: dial tcp …: connect: connection refused", "at level debug", ConnectRefused),
        new("504 Gateway Timeout caused by: dial tcp …: i/o timeout", "at level debug", ConnectTimeout),
        new("504 Gateway Timeout caused by: net/http: timeout awaiting response headers", "at level debug", ResponseTimeout),
        new("499 Client Closed Request caused by: context canceled", "at level debug", ClientDisconnected),
        new("Bad Gateway caused by: readfrom tcp …: client disconnected", "the client's doing, shown as 502", ClientBodyFailed));

    public static readonly SystemSayings Caddy = new(
        "Caddy",
        new("no upstreams available", "", NoHealthyDestination, NoDestinationsConfigured, CircuitOpen),
        new("making dial info: …", "", GatewayConfigInvalid),
        new("aborting with incomplete response", "", ResponseBodyTruncated, ResponseBodyReset, ResponseChunkInvalid),
        new("reading from backend", "the answer had begun", ResponseBodyTruncated, ResponseBodyReset),
        new("http: request body too large", "", ClientRequestTooLarge));

    public static readonly SystemSayings Go = new(
        "Go (Traefik, Caddy, …)",
        new("dial tcp …: connect: connection refused", "", ConnectRefused),
        new("dial tcp …: i/o timeout", "", ConnectTimeout),
        new("dial tcp …: connect: no route to host", "", HostUnreachable),
        new("dial tcp …: connect: network is unreachable", "", NetworkUnreachable),
        new("dial tcp: lookup … : no such host", "", DnsNotFound),
        new("dial tcp: lookup … : server misbehaving", "", DnsFailed),
        new("dial tcp: lookup … : i/o timeout", "", DnsTimeout),
        new("dial unix …: connect: no such file or directory", "", SocketMissing),
        new("dial unix …: connect: permission denied", "", SocketPermissionDenied),
        new("dial tcp …: connect: cannot assign requested address", "", GatewayPortsExhausted),
        new("socket: too many open files", "", GatewayFdsExhausted),
        new("EOF", "a connection that ended, in the TLS handshake as well", UpstreamClosedWithoutResponse, StaleConnection, TlsHandshakeClosed, UpstreamProcessExited, UpstreamOomKilled),
        new("unexpected EOF", "", ResponseHeadIncomplete, ResponseBodyTruncated),
        new("read tcp …: read: connection reset by peer", "", UpstreamResetWithoutResponse, ResponseBodyReset, ConnectReset),
        new("write: broken pipe", "", RequestSendFailed, UploadRejectedEarly),
        new("http: server closed idle connection", "", StaleConnection),
        new("net/http: TLS handshake timeout", "", TlsHandshakeTimeout),
        new("tls: first record does not look like a TLS handshake", "", TlsToPlainHttpPort),
        new("http: server gave HTTP response to HTTPS client", "", TlsToPlainHttpPort),
        new("Client sent an HTTP request to an HTTPS server.", "the page a Go server answers with", PlainHttpToTlsPort),
        new("net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x15\\x03…\"", "the bytes are a TLS alert", PlainHttpToTlsPort),
        new("net/http: HTTP/1.x transport connection broken: malformed HTTP response \"\\x00\\x00…\"", "the bytes are an HTTP/2 frame", HttpVersionMismatch),
        new("malformed HTTP response \"…\"", "", ResponseNotHttp, ResponseHeadMalformed),
        new("malformed HTTP status code \"…\"", "", ResponseHeadMalformed),
        new("malformed MIME header line: …", "", ResponseHeadMalformed),
        new("net/http: server response headers exceeded … bytes; aborted", "", ResponseHeadTooLarge),
        new("net/http: timeout awaiting response headers", "", ResponseTimeout),
        new("context deadline exceeded (Client.Timeout exceeded while awaiting headers)", "", ResponseTimeout, ConnectTimeout),
        new("context canceled", "", ClientDisconnected),
        new("invalid byte in chunk length", "", ResponseChunkInvalid),
        new("unsupported transfer encoding: \"…\"", "", ResponseCodingUnknown),
        new("remote error: tls: protocol version not supported", "", TlsVersionOrCipherMismatch),
        new("remote error: tls: handshake failure", "", TlsVersionOrCipherMismatch, TlsSniRejected),
        new("remote error: tls: unrecognized name", "", TlsSniRejected),
        new("remote error: tls: certificate required", "", TlsClientCertRequired),
        new("remote error: tls: bad certificate", "", TlsClientCertRequired),
        new("remote error: tls: internal error", "", TlsAlertReceived),
        new("x509: certificate has expired or is not yet valid: current time … is after …", "", TlsCertExpired),
        new("x509: certificate has expired or is not yet valid: current time … is before …", "", TlsCertNotYetValid),
        new("x509: certificate is valid for …, not …", "", TlsCertNameMismatch),
        new("x509: certificate signed by unknown authority", "also for self-signed ones and missing intermediates", TlsCertUntrusted),
        new("http2: server sent GOAWAY and closed the connection", "", Http2GoawayOrRefused),
        new("stream error: stream ID …; INTERNAL_ERROR; received from peer", "", Http2StreamReset),
        new("stream error: stream ID …; REFUSED_STREAM; received from peer", "", Http2GoawayOrRefused),
        new("http2: frame too large", "", HttpVersionMismatch, Http2ProtocolError));
}
