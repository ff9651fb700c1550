using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>YARP, and .NET's HTTP client and sockets.</summary>
internal static class DotNetSayings
{
    public static readonly SystemSayings Yarp = new(
        "YARP",
        new(
            "ForwarderError.Request",
            "one value for nearly everything before the answer",
            ConnectRefused, UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, StaleConnection, DnsNotFound, DnsFailed, HostUnreachable, TlsCertUntrusted,
            TlsCertExpired, TlsToPlainHttpPort, PlainHttpToTlsPort, ResponseNotHttp, ResponseHeadMalformed, ResponseHeadTooLarge),
        new("ForwarderError.RequestTimedOut", "connection and answer alike", ResponseTimeout, ConnectTimeout, DnsTimeout, TlsHandshakeTimeout),
        new("ForwarderError.RequestCanceled", "some time limits show as this as well", ClientDisconnected, ResponseTimeout),
        new("ForwarderError.NoAvailableDestinations", "", NoHealthyDestination, NoDestinationsConfigured, CircuitOpen),
        new("ForwarderError.RequestCreation", "", GatewayConfigInvalid, GatewayInternalError),
        new("ForwarderError.RequestBodyDestination", "", RequestSendFailed, UploadRejectedEarly, RequestSendTimeout),
        new("ForwarderError.RequestBodyClient", "", ClientBodyFailed, ClientBodyTimeout),
        new("ForwarderError.RequestBodyCanceled", "", ClientDisconnected, RequestSendTimeout),
        new("ForwarderError.ResponseHeaders", "", UpgradeFailed, GatewayInternalError),
        new("ForwarderError.ResponseBodyDestination", "", ResponseBodyTruncated, ResponseBodyReset, ResponseChunkInvalid, ResponseBodyStalled),
        new("ForwarderError.ResponseBodyClient", "", ClientDisconnected),
        new("ForwarderError.ResponseBodyCanceled", "", ClientDisconnected, ResponseBodyStalled),
        new("ForwarderError.UpgradeActivityTimeout", "", UpgradeIdleTimeout),
        new("ForwarderError.UpgradeResponseDestination", "", UpgradeBroken),
        new("ForwarderError.UpgradeRequestClient", "the visitor's side", UpgradeBroken));

    public static readonly SystemSayings Client = new(
        ".NET",
        new("HttpRequestError.NameResolutionError", "", DnsNotFound, DnsFailed),
        new("HttpRequestError.ConnectionError", "any connection that could not be made", ConnectRefused, HostUnreachable, NetworkUnreachable, SocketMissing, GatewayPortsExhausted, GatewayFdsExhausted, GatewayConnectDenied),
        new("HttpRequestError.SecureConnectionError", "", TlsCertUntrusted, TlsCertExpired, TlsCertNameMismatch, TlsToPlainHttpPort, TlsHandshakeClosed, TlsVersionOrCipherMismatch),
        new("HttpRequestError.VersionNegotiationError", "", HttpVersionNotNegotiated),
        new("HttpRequestError.ResponseEnded", "", UpstreamClosedWithoutResponse, StaleConnection, ResponseHeadIncomplete, ResponseBodyTruncated, PlainHttpToTlsPort, HttpVersionMismatch, TlsClientCertRequired),
        new("HttpRequestError.InvalidResponse", "", ResponseNotHttp, ResponseHeadMalformed, ResponseChunkInvalid),
        new("HttpRequestError.ConfigurationLimitExceeded", "", ResponseHeadTooLarge, ResponseTooLarge),
        new("HttpRequestError.HttpProtocolError", "", Http2StreamReset, Http2GoawayOrRefused, Http2ProtocolError),
        new("HttpRequestError.ExtendedConnectNotSupported", "", UpgradeFailed),
        new("SocketError.ConnectionRefused", "", ConnectRefused),
        new("SocketError.ConnectionReset", "", UpstreamResetWithoutResponse, ConnectReset, StaleConnection, ResponseBodyReset),
        new("SocketError.TimedOut", "", ConnectTimeout),
        new("SocketError.HostUnreachable", "", HostUnreachable),
        new("SocketError.NetworkUnreachable", "", NetworkUnreachable),
        new("SocketError.HostNotFound", "", DnsNotFound),
        new("SocketError.NoData", "", DnsNotFound),
        new("SocketError.TryAgain", "", DnsFailed),
        new("SocketError.AddressNotAvailable", "also for a unix socket whose file is missing", GatewayPortsExhausted, SocketMissing),
        new("SocketError.AccessDenied", "", GatewayConnectDenied, SocketPermissionDenied),
        new("SocketError.TooManyOpenSockets", "", GatewayFdsExhausted),
        new("SocketError.AddressFamilyNotSupported", "", DnsNoUsableAddress),
        new("SocketError.Shutdown", "", RequestSendFailed),
        new("The response ended prematurely.", "", UpstreamClosedWithoutResponse, StaleConnection, ResponseBodyTruncated),
        new("A connection could not be established within the configured ConnectTimeout.", "names, connection and TLS alike", ConnectTimeout, TlsHandshakeTimeout, DnsTimeout),
        new("The SSL connection could not be established, see inner exception.", "", TlsCertUntrusted, TlsCertExpired, TlsCertNameMismatch, TlsToPlainHttpPort, TlsHandshakeClosed),
        new("The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot", "", TlsCertUntrusted),
        new("The remote certificate is invalid because of errors in the certificate chain: PartialChain", "", TlsCertUntrusted),
        new("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid", "expired, or not yet valid", TlsCertExpired, TlsCertNotYetValid),
        new("The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch", "", TlsCertNameMismatch),
        new("Cannot determine the frame size or a corrupted frame was received.", "", TlsToPlainHttpPort),
        new("Received an invalid status line: '…'.", "", ResponseNotHttp, ResponseHeadMalformed),
        new("The HTTP response headers length exceeded the set limit of … bytes.", "", ResponseHeadTooLarge),
        new("The request was canceled due to the configured HttpClient.Timeout of … seconds elapsing.", "", ResponseTimeout, ConnectTimeout),
        new("Name or service not known", "glibc's text for a name without address", DnsNotFound),
        new("Temporary failure in name resolution", "glibc's text", DnsFailed, DnsTimeout));
}
