using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Causes;

/// <summary>
/// Every cause there is, with the answer it leads to: statuses and types as RFC 9209 section 2.3 recommends, but 404 where no route
/// matches (it is what people expect) and 502 for an unusable destination (so that monitors see a gateway problem).
/// </summary>
public static class CauseCatalogue
{
    /// <summary>In the order of a request's life.</summary>
    public static IReadOnlyList<Cause> All { get; } =
    [
        new(CauseId.RouteNotFound, Stage.Route, Party.Gateway, 404, "destination_not_found", false, null, "Nothing is served at this address"),
        new(CauseId.NoDestinationsConfigured, Stage.Route, Party.Gateway, 503, "destination_unavailable", false, null, "The service is not set up"),
        new(CauseId.NoHealthyDestination, Stage.Route, Party.UpstreamProcess, 503, "destination_unavailable", true, 10, "The service is not available right now"),
        new(CauseId.CircuitOpen, Stage.Route, Party.UpstreamProcess, 503, "destination_unavailable", true, 1, "The service is not available right now"),
        new(CauseId.DestinationLimitReached, Stage.Route, Party.UpstreamApp, 503, "connection_limit_reached", true, 5, "The service is busy"),
        new(CauseId.GatewayOverloaded, Stage.Route, Party.Gateway, 503, "connection_limit_reached", true, 5, "The service is busy"),
        new(CauseId.GatewayDraining, Stage.Route, Party.Gateway, 503, "proxy_internal_response", true, 5, "The service is restarting"),
        new(CauseId.GatewayConfigInvalid, Stage.Route, Party.Gateway, 502, "proxy_configuration_error", false, null, "The service is not set up correctly"),
        new(CauseId.DestinationForbidden, Stage.Route, Party.Gateway, 502, "destination_ip_prohibited", false, null, "The service is not set up correctly"),
        new(CauseId.ProxyLoop, Stage.Route, Party.Gateway, 502, "proxy_loop_detected", false, null, "The service is not set up correctly"),
        new(CauseId.DnsNotFound, Stage.Dns, Party.Gateway, 502, "dns_error", false, null, "The service cannot be found"),
        new(CauseId.DnsFailed, Stage.Dns, Party.Network, 502, "dns_error", true, 10, "The service cannot be found right now"),
        new(CauseId.DnsTimeout, Stage.Dns, Party.Network, 504, "dns_timeout", true, 10, "The service cannot be found right now"),
        new(CauseId.DnsNoUsableAddress, Stage.Dns, Party.Network, 502, "destination_ip_unroutable", false, null, "The service cannot be reached"),
        new(CauseId.GatewayPortsExhausted, Stage.Connect, Party.Gateway, 503, "connection_limit_reached", true, 5, "The service is busy"),
        new(CauseId.GatewayFdsExhausted, Stage.Connect, Party.Gateway, 503, "connection_limit_reached", true, 5, "The service is busy"),
        new(CauseId.GatewayConnectDenied, Stage.Connect, Party.Gateway, 502, "proxy_configuration_error", false, null, "The service cannot be reached"),
        new(CauseId.ConnectRefused, Stage.Connect, Party.UpstreamProcess, 502, "connection_refused", true, 10, "The service is not available right now"),
        new(CauseId.ConnectTimeout, Stage.Connect, Party.Network, 504, "connection_timeout", true, 10, "The service cannot be reached"),
        new(CauseId.HostUnreachable, Stage.Connect, Party.Network, 502, "destination_ip_unroutable", true, 30, "The service cannot be reached"),
        new(CauseId.NetworkUnreachable, Stage.Connect, Party.Network, 502, "destination_ip_unroutable", false, null, "The service cannot be reached"),
        new(CauseId.ConnectReset, Stage.Connect, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service ended the connection"),
        new(CauseId.SocketMissing, Stage.Connect, Party.UpstreamProcess, 502, "connection_refused", true, 10, "The service is not available right now"),
        new(CauseId.SocketPermissionDenied, Stage.Connect, Party.Gateway, 502, "proxy_configuration_error", false, null, "The service cannot be reached"),
        new(CauseId.ListenBacklogFull, Stage.Connect, Party.UpstreamApp, 503, "connection_limit_reached", true, 5, "The service is busy"),
        new(CauseId.TlsToPlainHttpPort, Stage.Tls, Party.Gateway, 502, "tls_protocol_error", false, null, "The service is not set up correctly"),
        new(CauseId.PlainHttpToTlsPort, Stage.Tls, Party.Gateway, 502, "http_protocol_error", false, null, "The service is not set up correctly"),
        new(CauseId.TlsHandshakeTimeout, Stage.Tls, Party.UpstreamProcess, 504, "connection_timeout", true, 10, "The service did not answer in time"),
        new(CauseId.TlsHandshakeClosed, Stage.Tls, Party.UpstreamProcess, 502, "tls_protocol_error", true, 10, "The service ended the connection"),
        new(CauseId.TlsVersionOrCipherMismatch, Stage.Tls, Party.Gateway, 502, "tls_alert_received", false, null, "No secure connection to the service"),
        new(CauseId.TlsSniRejected, Stage.Tls, Party.Gateway, 502, "tls_alert_received", false, null, "No secure connection to the service"),
        new(CauseId.TlsCertExpired, Stage.Tls, Party.UpstreamProcess, 502, "tls_certificate_error", false, null, "No secure connection to the service"),
        new(CauseId.TlsCertNotYetValid, Stage.Tls, Party.UpstreamProcess, 502, "tls_certificate_error", false, null, "No secure connection to the service"),
        new(CauseId.TlsCertNameMismatch, Stage.Tls, Party.Gateway, 502, "tls_certificate_error", false, null, "No secure connection to the service"),
        new(CauseId.TlsCertUntrusted, Stage.Tls, Party.Gateway, 502, "tls_certificate_error", false, null, "No secure connection to the service"),
        new(CauseId.TlsCertRevoked, Stage.Tls, Party.UpstreamProcess, 502, "tls_certificate_error", false, null, "No secure connection to the service"),
        new(CauseId.TlsClientCertRequired, Stage.Tls, Party.Gateway, 502, "tls_alert_received", false, null, "No secure connection to the service"),
        new(CauseId.TlsAlertReceived, Stage.Tls, Party.UpstreamProcess, 502, "tls_alert_received", false, null, "No secure connection to the service"),
        new(CauseId.HttpVersionNotNegotiated, Stage.Tls, Party.Gateway, 502, "tls_protocol_error", false, null, "The service is not set up correctly"),
        new(CauseId.RequestSendTimeout, Stage.Send, Party.UpstreamApp, 504, "connection_write_timeout", true, 10, "The service did not take the request in time"),
        new(CauseId.RequestSendFailed, Stage.Send, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service ended the connection"),
        new(CauseId.UploadRejectedEarly, Stage.Send, Party.UpstreamApp, 0, "http_response_incomplete", false, null, "The service refused the upload"),
        new(CauseId.ClientBodyFailed, Stage.Send, Party.Client, 400, "http_request_error", false, null, "The request was incomplete"),
        new(CauseId.ClientBodyTimeout, Stage.Send, Party.Client, 408, "http_request_error", true, null, "The request took too long to arrive"),
        new(CauseId.ClientReadTimeout, Stage.Body, Party.Client, 408, "http_request_error", true, null, "The answer was taken too slowly"),
        new(CauseId.ClientDisconnected, Stage.Head, Party.Client, 499, "", false, null, "The visitor left before the answer"),
        new(CauseId.ClientRequestMalformed, Stage.Route, Party.Client, 400, "http_request_error", false, null, "The request could not be understood"),
        new(CauseId.ClientRequestTooLarge, Stage.Route, Party.Client, 413, "http_request_error", false, null, "The request is too large"),
        new(CauseId.ClientHeadTimeout, Stage.Route, Party.Client, 408, "http_request_error", true, null, "The request took too long to arrive"),
        new(CauseId.UpstreamClosedWithoutResponse, Stage.Head, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service ended the connection"),
        new(CauseId.UpstreamResetWithoutResponse, Stage.Head, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service ended the connection"),
        new(CauseId.StaleConnection, Stage.Head, Party.UpstreamProcess, 502, "connection_terminated", true, 1, "The service ended the connection"),
        new(CauseId.UpstreamProcessExited, Stage.Head, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service stopped"),
        new(CauseId.UpstreamOomKilled, Stage.Head, Party.UpstreamProcess, 502, "connection_terminated", true, 10, "The service stopped"),
        new(CauseId.UpstreamRestarting, Stage.Head, Party.UpstreamProcess, 503, "destination_unavailable", true, 5, "The service is restarting"),
        new(CauseId.UpstreamStarting, Stage.Connect, Party.UpstreamProcess, 503, "destination_unavailable", true, 5, "The service is starting"),
        new(CauseId.ResponseTimeout, Stage.Head, Party.UpstreamApp, 504, "http_response_timeout", true, 30, "The service did not answer in time"),
        new(CauseId.ResponseNotHttp, Stage.Head, Party.Gateway, 502, "http_protocol_error", false, null, "The service is not set up correctly"),
        new(CauseId.ResponseHeadIncomplete, Stage.Head, Party.UpstreamProcess, 502, "http_response_incomplete", true, 10, "The service broke off its answer"),
        new(CauseId.ResponseHeadMalformed, Stage.Head, Party.UpstreamApp, 502, "http_protocol_error", false, null, "The service gave an invalid answer"),
        new(CauseId.ResponseHeadTooLarge, Stage.Head, Party.UpstreamApp, 502, "http_response_header_section_size", false, null, "The service gave an invalid answer"),
        new(CauseId.ResponseFramingConflict, Stage.Head, Party.UpstreamApp, 502, "http_protocol_error", false, null, "The service gave an invalid answer"),
        new(CauseId.ResponseCodingUnknown, Stage.Head, Party.UpstreamApp, 502, "http_response_transfer_coding", false, null, "The service gave an invalid answer"),
        new(CauseId.Http2ProtocolError, Stage.Head, Party.UpstreamApp, 502, "http_protocol_error", false, null, "The service gave an invalid answer"),
        new(CauseId.Http2GoawayOrRefused, Stage.Head, Party.UpstreamProcess, 503, "connection_terminated", true, 1, "The service did not take the request"),
        new(CauseId.Http2StreamReset, Stage.Head, Party.UpstreamApp, 502, "connection_terminated", true, 10, "The service broke off its answer"),
        new(CauseId.HttpVersionMismatch, Stage.Head, Party.Gateway, 502, "http_protocol_error", false, null, "The service is not set up correctly"),
        new(CauseId.ResponseBodyTruncated, Stage.Body, Party.UpstreamProcess, 502, "http_response_incomplete", true, 10, "The service broke off its answer"),
        new(CauseId.ResponseBodyReset, Stage.Body, Party.UpstreamProcess, 502, "http_response_incomplete", true, 10, "The service broke off its answer"),
        new(CauseId.ResponseBodyStalled, Stage.Body, Party.UpstreamApp, 504, "connection_read_timeout", true, 10, "The service stopped answering"),
        new(CauseId.ResponseChunkInvalid, Stage.Body, Party.UpstreamApp, 502, "http_response_transfer_coding", false, null, "The service gave an invalid answer"),
        new(CauseId.ResponseEncodingInvalid, Stage.Body, Party.UpstreamApp, 502, "http_response_content_coding", false, null, "The service gave an invalid answer"),
        new(CauseId.ResponseTooLarge, Stage.Body, Party.Gateway, 502, "http_response_body_size", false, null, "The service gave too large an answer"),
        new(CauseId.UpgradeFailed, Stage.Upgrade, Party.UpstreamApp, 502, "http_upgrade_failed", false, null, "The service did not open the live connection"),
        new(CauseId.UnexpectedUpgrade, Stage.Upgrade, Party.UpstreamApp, 502, "http_upgrade_failed", false, null, "The service gave an invalid answer"),
        new(CauseId.UpgradeIdleTimeout, Stage.Upgrade, Party.Unknown, 504, "connection_read_timeout", true, 1, "The live connection was idle for too long"),
        new(CauseId.UpgradeBroken, Stage.Upgrade, Party.UpstreamProcess, 502, "connection_terminated", true, 5, "The live connection broke"),
        new(CauseId.AuthServiceFailed, Stage.Policy, Party.Gateway, 503, "proxy_internal_response", true, 10, "The sign-in service is not available"),
        new(CauseId.DeniedByPolicy, Stage.Policy, Party.Client, 403, "http_request_denied", false, null, "Access is not allowed"),
        new(CauseId.RateLimited, Stage.Policy, Party.Client, 429, "http_request_denied", true, 5, "Too many requests"),
        new(CauseId.UpstreamErrorPassedThrough, Stage.Head, Party.UpstreamApp, 0, "", false, null, "The service reported an error"),
        new(CauseId.UpstreamIsAGateway, Stage.Head, Party.NextGateway, 0, "", true, null, "Another gateway reported an error"),
        new(CauseId.GatewayInternalError, Stage.Route, Party.Gateway, 500, "proxy_internal_error", false, null, "The gateway failed"),
        new(CauseId.Unclassified, Stage.Head, Party.Unknown, 502, "proxy_internal_error", false, null, "The service could not be used"),
    ];

    private static readonly Dictionary<string, Cause> ById = All.ToDictionary(c => c.Id);

    /// <summary>The cause with this id; throws <see cref="KeyNotFoundException"/> for an id that is not in the catalogue.</summary>
    public static Cause Get(string id) => ById[id];

    public static bool TryGet(string id, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Cause? cause) => ById.TryGetValue(id, out cause);
}
