namespace ProxyGate.Simulation;

/// <summary>The verdicts the faults expect, one for each cause, in the order of the stages.</summary>
internal static class Expects
{
    private const string Client = "client";
    private const string Gateway = "gateway";
    private const string Network = "network";
    private const string Process = "upstream_process";
    private const string App = "upstream_app";
    private const string NextGateway = "next_gateway";

    internal static readonly FaultExpectation RouteNotFound = Page("route_not_found", "route", Gateway, 404, "destination_not_found");
    internal static readonly FaultExpectation NoDestinations = Page("no_destinations_configured", "route", Gateway, 503, "destination_unavailable");
    internal static readonly FaultExpectation NoHealthyDestination = Page("no_healthy_destination", "route", Process, 503, "destination_unavailable");
    internal static readonly FaultExpectation CircuitOpen = Page("circuit_open", "route", Process, 503, "destination_unavailable") with { Before = "connect_refused" };
    internal static readonly FaultExpectation DestinationLimit = Page("destination_limit_reached", "route", App, 503, "connection_limit_reached");
    internal static readonly FaultExpectation Overloaded = Page("gateway_overloaded", "route", Gateway, 503, "connection_limit_reached");
    internal static readonly FaultExpectation ProxyLoop = Page("proxy_loop", "route", Gateway, 502, "proxy_loop_detected");

    internal static readonly FaultExpectation DnsNotFound = Page("dns_not_found", "dns", Gateway, 502, "dns_error");
    internal static readonly FaultExpectation DnsFailed = Page("dns_failed", "dns", Network, 502, "dns_error");
    internal static readonly FaultExpectation DnsTimeout = Page("dns_timeout", "dns", Network, 504, "dns_timeout");

    internal static readonly FaultExpectation ConnectRefused = Page("connect_refused", "connect", Process, 502, "connection_refused");
    internal static readonly FaultExpectation ConnectTimeout = Page("connect_timeout", "connect", Network, 504, "connection_timeout");
    internal static readonly FaultExpectation ConnectReset = Page("connect_reset", "connect", Process, 502, "connection_terminated");
    internal static readonly FaultExpectation ConnectDenied = Page("gateway_connect_denied", "connect", Gateway, 502, "proxy_configuration_error");
    internal static readonly FaultExpectation HostUnreachable = Page("host_unreachable", "connect", Network, 502, "destination_ip_unroutable");
    internal static readonly FaultExpectation NetworkUnreachable = Page("network_unreachable", "connect", Network, 502, "destination_ip_unroutable");
    internal static readonly FaultExpectation SocketMissing = Page("socket_missing", "connect", Process, 502, "connection_refused");
    internal static readonly FaultExpectation SocketDenied = Page("socket_permission_denied", "connect", Gateway, 502, "proxy_configuration_error");
    internal static readonly FaultExpectation BacklogFull = Page("listen_backlog_full", "connect", App, 503, "connection_limit_reached");

    internal static readonly FaultExpectation NotTls = Page("tls_to_plain_http_port", "tls", Gateway, 502, "tls_protocol_error");
    internal static readonly FaultExpectation PlainToTls = Page("plain_http_to_tls_port", "tls", Gateway, 502, "http_protocol_error");
    internal static readonly FaultExpectation TlsTimeout = Page("tls_handshake_timeout", "tls", Process, 504, "connection_timeout");
    internal static readonly FaultExpectation TlsClosed = Page("tls_handshake_closed", "tls", Process, 502, "tls_protocol_error");
    internal static readonly FaultExpectation TlsMismatch = Page("tls_version_or_cipher_mismatch", "tls", Gateway, 502, "tls_alert_received");
    internal static readonly FaultExpectation TlsSniRejected = Page("tls_sni_rejected", "tls", Gateway, 502, "tls_alert_received");
    internal static readonly FaultExpectation TlsAlert = Page("tls_alert_received", "tls", Process, 502, "tls_alert_received");
    internal static readonly FaultExpectation CertExpired = Page("tls_cert_expired", "tls", Process, 502, "tls_certificate_error");
    internal static readonly FaultExpectation CertNotYetValid = Page("tls_cert_not_yet_valid", "tls", Process, 502, "tls_certificate_error");
    internal static readonly FaultExpectation CertName = Page("tls_cert_name_mismatch", "tls", Gateway, 502, "tls_certificate_error");
    internal static readonly FaultExpectation CertUntrusted = Page("tls_cert_untrusted", "tls", Gateway, 502, "tls_certificate_error");
    internal static readonly FaultExpectation ClientCertRequired = Page("tls_client_cert_required", "tls", Gateway, 502, "tls_alert_received");
    internal static readonly FaultExpectation VersionNotNegotiated = Page("http_version_not_negotiated", "tls", Gateway, 502, "tls_protocol_error");

    internal static readonly FaultExpectation SendTimeout = Page("request_send_timeout", "send", App, 504, "connection_write_timeout");
    internal static readonly FaultExpectation SendFailed = Page("request_send_failed", "send", Process, 502, "connection_terminated");

    internal static readonly FaultExpectation ClosedWithoutResponse =
        Page("upstream_closed_without_response", "head", Process, 502, "connection_terminated");

    internal static readonly FaultExpectation ResetWithoutResponse =
        Page("upstream_reset_without_response", "head", Process, 502, "connection_terminated");

    internal static readonly FaultExpectation ProcessExited = Page("upstream_process_exited", "head", Process, 502, "connection_terminated");
    /// <summary>A request that met a close and was answered on another connection: the visitor notices nothing, the event remains.</summary>
    internal static readonly FaultExpectation StaleSaved = new("stale_connection", "head", Process, 200, "connection_terminated", ClientSees.PassedThrough);

    internal static readonly FaultExpectation Stale = Page("stale_connection", "head", Process, 502, "connection_terminated");
    internal static readonly FaultExpectation ResponseTimeout = Page("response_timeout", "head", App, 504, "http_response_timeout");
    internal static readonly FaultExpectation NotHttp = Page("response_not_http", "head", Gateway, 502, "http_protocol_error");
    internal static readonly FaultExpectation HeadIncomplete = Page("response_head_incomplete", "head", Process, 502, "http_response_incomplete");
    internal static readonly FaultExpectation HeadMalformed = Page("response_head_malformed", "head", App, 502, "http_protocol_error");
    internal static readonly FaultExpectation HeadTooLarge = Page("response_head_too_large", "head", App, 502, "http_response_header_section_size");
    internal static readonly FaultExpectation FramingConflict = Page("response_framing_conflict", "head", App, 502, "http_protocol_error");
    internal static readonly FaultExpectation CodingUnknown = Page("response_coding_unknown", "head", App, 502, "http_response_transfer_coding");

    internal static readonly FaultExpectation Http2Protocol = Page("http2_protocol_error", "head", App, 502, "http_protocol_error");
    internal static readonly FaultExpectation Http2Reset = Page("http2_stream_reset", "head", App, 502, "connection_terminated");
    internal static readonly FaultExpectation Http2Refused = Page("http2_goaway_or_refused", "head", Process, 503, "connection_terminated");
    internal static readonly FaultExpectation VersionMismatch = Page("http_version_mismatch", "head", Gateway, 502, "http_protocol_error");

    internal static readonly FaultExpectation BodyTruncated = Cut("response_body_truncated", "body", Process, "http_response_incomplete");
    internal static readonly FaultExpectation BodyReset = Cut("response_body_reset", "body", Process, "http_response_incomplete");
    internal static readonly FaultExpectation BodyStalled = Cut("response_body_stalled", "body", App, "connection_read_timeout");
    internal static readonly FaultExpectation ChunkInvalid = Cut("response_chunk_invalid", "body", App, "http_response_transfer_coding");

    internal static readonly FaultExpectation UnexpectedUpgrade = Page("unexpected_upgrade", "upgrade", App, 502, "http_upgrade_failed");
    internal static readonly FaultExpectation UpgradeFailed = Page("upgrade_failed", "upgrade", App, 502, "http_upgrade_failed");
    internal static readonly FaultExpectation UpgradeIdle = Cut("upgrade_idle_timeout", "upgrade", "unknown", "connection_read_timeout", 101);
    internal static readonly FaultExpectation UpgradeBroken = Cut("upgrade_broken", "upgrade", Process, "connection_terminated", 101);

    internal static readonly FaultExpectation ClientGone = new("client_disconnected", "head", Client, 499, "", ClientSees.Nothing);
    internal static readonly FaultExpectation ClientGoneMidBody = ClientGone with { Stage = "body" };
    internal static readonly FaultExpectation ClientBodyFailed = Page("client_body_failed", "send", Client, 400, "http_request_error");
    internal static readonly FaultExpectation ClientBodyTimeout = Page("client_body_timeout", "send", Client, 408, "http_request_error");
    internal static readonly FaultExpectation ClientReadTimeout = Cut("client_read_timeout", "body", Client, "http_request_error");
    internal static readonly FaultExpectation ClientMalformed = Page("client_request_malformed", "route", Client, 400, "http_request_error");
    internal static readonly FaultExpectation ClientTooLarge = Page("client_request_too_large", "route", Client, 431, "http_request_error");
    internal static readonly FaultExpectation ClientHeadTimeout = Page("client_head_timeout", "route", Client, 408, "http_request_error");

    /// <summary>The app's own error, which goes to the client as it is.</summary>
    internal static FaultExpectation AppError(int status) =>
        new("upstream_error_passed_through", "head", App, status, "", ClientSees.PassedThrough);

    /// <summary>An error made by another gateway behind us, which goes to the client as it is.</summary>
    internal static FaultExpectation NextGatewayError(int status) =>
        new("upstream_is_a_gateway", "head", NextGateway, status, "", ClientSees.PassedThrough);

    /// <summary>The app's answer during an upload, which is saved and passed on.</summary>
    internal static FaultExpectation EarlyAnswer(int status) =>
        new("upload_rejected_early", "send", App, status, "http_response_incomplete", ClientSees.PassedThrough);

    /// <summary>An answer that refuses the upgrade and is passed on.</summary>
    internal static FaultExpectation UpgradeRefused(int status) =>
        new FaultExpectation("upgrade_failed", "upgrade", App, status, "http_upgrade_failed", ClientSees.PassedThrough).OrElse(
            "It is as true that the app answered, in its own way.", status < 500 ? Fine(status) : AppError(status));

    /// <summary>No failure at all.</summary>
    internal static FaultExpectation Fine(int status = 200) => new(null, "", "", status, "", ClientSees.PassedThrough);

    /// <summary>The same cause, met before a byte had gone to the client, which then gets a page.</summary>
    internal static FaultExpectation AsPage(this FaultExpectation cut, int status = 502) =>
        cut with { Status = status, ClientSees = ClientSees.Page, Or = [], OrBecause = null };

    /// <summary>A body that failed right after its head: the head may or may not have gone to the client by then.</summary>
    internal static FaultExpectation OrAsPage(this FaultExpectation cut, int status = 502) =>
        cut.OrElse("The head may still be held back when the body fails; then a page is the better answer.", cut.AsPage(status));

    private static FaultExpectation Page(string cause, string stage, string party, int status, string error) =>
        new(cause, stage, party, status, error, ClientSees.Page);

    private static FaultExpectation Cut(string cause, string stage, string party, string error, int status = 200) =>
        new(cause, stage, party, status, error, ClientSees.Aborted);
}
