using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>Cloudflare's own error codes.</summary>
internal static class CloudflareSayings
{
    public static readonly SystemSayings Codes = new(
        "Cloudflare",
        new(
            "520 Web server returned an unknown error",
            "everything without a code of its own",
            UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, ConnectReset, ResponseHeadMalformed, ResponseHeadTooLarge, ResponseHeadIncomplete,
            ResponseNotHttp, ResponseFramingConflict, ResponseCodingUnknown, StaleConnection, UpstreamProcessExited, UpstreamOomKilled, PlainHttpToTlsPort,
            HttpVersionMismatch, HttpVersionNotNegotiated, Http2ProtocolError, Http2GoawayOrRefused, Http2StreamReset, RequestSendFailed, UploadRejectedEarly, TlsClientCertRequired,
            Unclassified),
        new("521 Web server is down", "", ConnectRefused, UpstreamRestarting, UpstreamStarting),
        new("522 Connection timed out", "", ConnectTimeout, ListenBacklogFull),
        new("523 Origin is unreachable", "", HostUnreachable, NetworkUnreachable),
        new("524 A timeout occurred", "", ResponseTimeout, RequestSendTimeout, ResponseBodyStalled),
        new("525 SSL handshake failed", "", TlsVersionOrCipherMismatch, TlsHandshakeClosed, TlsToPlainHttpPort, TlsSniRejected, TlsHandshakeTimeout, TlsAlertReceived),
        new("526 Invalid SSL certificate", "only with Full (strict)", TlsCertExpired, TlsCertUntrusted, TlsCertNameMismatch, TlsCertNotYetValid, TlsCertRevoked),
        new("530 with error 1016 Origin DNS error", "", DnsNotFound, DnsFailed, DnsTimeout),
        new("error 1016", "", DnsNotFound, DnsFailed, DnsTimeout),
        new("error 1001 DNS resolution error", "", DnsFailed, RouteNotFound),
        new("error 1033 Cloudflare Tunnel error", "no connector of the tunnel is up", NoHealthyDestination, NoDestinationsConfigured),
        new("error 1000 DNS points to prohibited IP", "", DestinationForbidden, ProxyLoop),
        new("error 1019 Compute server error", "", ProxyLoop),
        new("error 1006 Access denied", "", DeniedByPolicy),
        new("error 1009 Access denied", "", DeniedByPolicy),
        new("error 1020 Access denied", "", DeniedByPolicy),
        new("error 1015 You are being rate limited", "", RateLimited),
        new("error 1200 Cache connection limit", "", DestinationLimitReached, GatewayOverloaded),
        new("499 in its logs", "", ClientDisconnected),
        Saying.Nothing("the cut download is not told apart", ClientReadTimeout),
        new("400 Bad Request", "", ClientRequestMalformed, ClientBodyFailed),
        new("408 Request Timeout", "", ClientBodyTimeout, ClientHeadTimeout),
        new("413 Payload Too Large", "100 MB on the smaller plans", ClientRequestTooLarge),
        new("502 Bad gateway, unbranded page", "made by Cloudflare itself", GatewayInternalError, GatewayOverloaded),
        new("502 Bad gateway, Cloudflare's page", "passed on from the origin", UpstreamIsAGateway, UpstreamErrorPassedThrough),
        Saying.Nothing("its load balancer falls back to another pool", CircuitOpen),
        Saying.Nothing("its servers come and go unseen", GatewayDraining),
        Saying.Nothing("settings are checked when they are made", GatewayConfigInvalid),
        Saying.Nothing("uses what addresses there are", DnsNoUsableAddress),
        Saying.Nothing("its own limits do not show", GatewayPortsExhausted, GatewayFdsExhausted, GatewayConnectDenied),
        Saying.Nothing("has no unix sockets", SocketMissing, SocketPermissionDenied),
        Saying.Nothing("the answer had begun: the connection just ends", ResponseBodyTruncated, ResponseBodyReset, ResponseChunkInvalid),
        Saying.Nothing("passes the answer on, broken or not", ResponseEncodingInvalid),
        Saying.Nothing("has no such limit; the cache leaves large answers out", ResponseTooLarge),
        Saying.Nothing("passes the app's answer on", UpgradeFailed, UnexpectedUpgrade),
        Saying.Nothing("ends the connection; the page sees close code 1006", UpgradeIdleTimeout, UpgradeBroken),
        Saying.Nothing("Cloudflare Access shows a page of its own", AuthServiceFailed));
}
