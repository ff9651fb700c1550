using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>AWS Application Load Balancer, Google Cloud's external load balancer and Azure Application Gateway.</summary>
internal static class BalancerSayings
{
    /// <summary>Its access log has two columns: its own status, and the target's ("-" where the target gave none).</summary>
    public static readonly SystemSayings Alb = new(
        "AWS ALB",
        new(
            "elb_status_code 502, target_status_code -",
            "one status for all of these; TargetConnectionErrorCount and TargetTLSNegotiationErrorCount in CloudWatch tell a little more",
            UpstreamClosedWithoutResponse, StaleConnection, UpstreamResetWithoutResponse, ConnectRefused, ConnectReset, HostUnreachable, ResponseHeadMalformed,
            ResponseNotHttp, ResponseHeadIncomplete, ResponseHeadTooLarge, ResponseFramingConflict, ResponseCodingUnknown, ResponseChunkInvalid, PlainHttpToTlsPort, TlsToPlainHttpPort, TlsHandshakeTimeout,
            TlsHandshakeClosed, TlsVersionOrCipherMismatch, TlsSniRejected, TlsClientCertRequired, TlsAlertReceived, HttpVersionNotNegotiated, UpstreamProcessExited,
            UpstreamOomKilled, UpstreamRestarting, RequestSendFailed, UploadRejectedEarly, Http2ProtocolError, Http2GoawayOrRefused, Http2StreamReset),
        new("elb_status_code 503, target_status_code -", "no registered targets, or too many requests for the balancer", NoDestinationsConfigured, GatewayOverloaded, UpstreamStarting),
        new(
            "elb_status_code 504, target_status_code -",
            "connection (10 s) and answer (idle timeout) alike",
            ResponseTimeout, ConnectTimeout, RequestSendTimeout, ResponseBodyStalled, ListenBacklogFull, ResponseBodyTruncated),
        new("TargetConnectionErrorCount", "a CloudWatch count", ConnectRefused, ConnectTimeout, HostUnreachable, ConnectReset),
        new("TargetTLSNegotiationErrorCount", "a CloudWatch count", TlsVersionOrCipherMismatch, TlsHandshakeClosed, TlsToPlainHttpPort),
        new("elb_status_code 460", "", ClientDisconnected),
        Saying.Nothing("closes the connection after its idle timeout", ClientReadTimeout),
        new("elb_status_code 463", "more than 30 addresses in X-Forwarded-For", ProxyLoop, ClientRequestMalformed),
        new("elb_status_code 464", "the client's HTTP version does not fit the target group's", HttpVersionMismatch),
        new("elb_status_code 561", "the sign-in service answered with an error", AuthServiceFailed),
        new("elb_status_code 400", "", ClientRequestMalformed, ClientBodyFailed),
        new("elb_status_code 408", "", ClientHeadTimeout, ClientBodyTimeout),
        new("elb_status_code 413", "", ClientRequestTooLarge),
        new("elb_status_code 403", "from AWS WAF", DeniedByPolicy, RateLimited),
        new("elb_status_code 500", "the balancer itself, its WAF or sign-in part failed", GatewayInternalError),
        new("HTTPCode_Target_5XX_Count", "the target's own status", UpstreamErrorPassedThrough, UpstreamIsAGateway),
        new("Target.ResponseCodeMismatch", "the reason of a failed health check", NoHealthyDestination),
        new("Target.Timeout", "the reason of a failed health check", NoHealthyDestination),
        new("Target.FailedHealthChecks", "with no healthy target at all it sends to every one all the same", NoHealthyDestination, CircuitOpen),
        Saying.Nothing("the status its listener's default rule gives, often a fixed 404", RouteNotFound),
        Saying.Nothing("has no limit per target", DestinationLimitReached),
        Saying.Nothing("is replaced without a trace", GatewayDraining),
        Saying.Nothing("refuses such a target when it is registered", GatewayConfigInvalid, DestinationForbidden),
        Saying.Nothing("targets are addresses or instances, not names", DnsNotFound, DnsFailed, DnsTimeout, DnsNoUsableAddress),
        Saying.Nothing("its own limits do not show", GatewayPortsExhausted, GatewayFdsExhausted, GatewayConnectDenied, NetworkUnreachable),
        Saying.Nothing("has no unix sockets", SocketMissing, SocketPermissionDenied),
        Saying.Nothing("does not verify the target's certificate", TlsCertExpired, TlsCertNotYetValid, TlsCertNameMismatch, TlsCertUntrusted, TlsCertRevoked),
        Saying.Nothing("the answer had begun: the connection just ends", ResponseBodyReset),
        Saying.Nothing("does not unpack answers", ResponseEncodingInvalid),
        Saying.Nothing("only for Lambda targets, above 1 MB, with 502", ResponseTooLarge),
        Saying.Nothing("passes the target's answer on as it is", UpgradeFailed, UnexpectedUpgrade),
        Saying.Nothing("ends the connection after its idle timeout, without a line of its own", UpgradeIdleTimeout, UpgradeBroken),
        Saying.Nothing("every failure has a status", Unclassified));

    public static readonly SystemSayings Google = new(
        "Google Cloud LB",
        new("config_not_found", "", RouteNotFound),
        new("failed_to_pick_backend", "", NoHealthyDestination, NoDestinationsConfigured, CircuitOpen, DestinationLimitReached),
        new("invalid_external_origin_endpoint", "", GatewayConfigInvalid),
        new("request_loop_detected", "", ProxyLoop),
        new("failed_to_connect_to_backend", "one word for every failed connection, name and TLS included", ConnectRefused, ConnectTimeout, HostUnreachable, DnsNotFound, DnsFailed, DnsTimeout, TlsHandshakeClosed, TlsHandshakeTimeout, TlsVersionOrCipherMismatch, TlsToPlainHttpPort, UpstreamStarting, UpstreamRestarting),
        new("failed_to_negotiate_alpn", "", HttpVersionNotNegotiated),
        new("ssl_certificate_chain_verification_failed", "", TlsCertUntrusted, TlsCertExpired, TlsCertNotYetValid, TlsCertRevoked),
        new("ssl_certificate_san_verification_failed", "", TlsCertNameMismatch, TlsSniRejected),
        new("backend_timeout", "", ResponseTimeout, ResponseBodyStalled, RequestSendTimeout, UpgradeIdleTimeout),
        new("backend_connection_closed_before_data_sent_to_client", "", UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, StaleConnection, ConnectReset, RequestSendFailed, UpstreamProcessExited, UpstreamOomKilled),
        new("backend_connection_closed_after_partial_response_sent", "", ResponseBodyTruncated, ResponseBodyReset),
        new("aborted_request_due_to_backend_early_response", "", UploadRejectedEarly),
        new("backend_response_corrupted", "", ResponseHeadMalformed, ResponseNotHttp, ResponseFramingConflict, ResponseChunkInvalid, Http2ProtocolError, HttpVersionMismatch, PlainHttpToTlsPort),
        new("backend_response_headers_too_long", "", ResponseHeadTooLarge),
        new("error_uncompressing_gzipped_body", "", ResponseEncodingInvalid),
        new("websocket_handshake_failed", "", UpgradeFailed),
        new("websocket_closed", "", UpgradeBroken, UpgradeIdleTimeout),
        new("client_disconnected_before_any_response", "", ClientDisconnected),
        new("client_disconnected_after_partial_response", "", ClientDisconnected),
        new("client_timed_out", "", ClientBodyTimeout, ClientHeadTimeout, ClientReadTimeout),
        new("malformed_chunked_body", "", ClientBodyFailed),
        new("failed_parsing_client_headers", "", ClientRequestMalformed),
        new("request_body_too_large", "", ClientRequestTooLarge),
        new("headers_too_long", "", ClientRequestTooLarge),
        new("denied_by_security_policy", "", DeniedByPolicy),
        new("throttled_by_security_policy", "", RateLimited),
        new("service_extension_error", "", AuthServiceFailed),
        new("response_sent_by_backend", "the status is the backend's own; also on success", UpstreamErrorPassedThrough, UpstreamIsAGateway),
        new("internal_error", "", GatewayInternalError, GatewayOverloaded));

    public static readonly SystemSayings Azure = new(
        "Azure Application Gateway",
        new("ERRORINFO_UPSTREAM_NO_LIVE", "", NoHealthyDestination, CircuitOpen),
        new("ERRORINFO_UPSTREAM_CLOSED_CONNECTION", "", UpstreamClosedWithoutResponse, StaleConnection, UpstreamResetWithoutResponse, RequestSendFailed, ResponseBodyTruncated),
        new("ERRORINFO_UPSTREAM_TIMED_OUT", "", ResponseTimeout, ConnectTimeout, RequestSendTimeout, ResponseBodyStalled),
        new("ERRORINFO_CLIENT_CLOSED_REQUEST", "", ClientDisconnected, ClientBodyFailed),
        new("ERRORINFO_CLIENT_TIMED_OUT", "", ClientBodyTimeout, ClientHeadTimeout),
        new("ERRORINFO_HTTP_TO_HTTPS_PORT", "the client's side of the gateway", ClientRequestMalformed));
}
