using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>Platforms that run apps, and tunnels.</summary>
internal static class PlatformSayings
{
    public static readonly SystemSayings Heroku = new(
        "Heroku",
        new("H10 App crashed", "", UpstreamProcessExited, NoHealthyDestination),
        new("H11 Backlog too deep", "", ListenBacklogFull, DestinationLimitReached),
        new("H12 Request timeout", "after 30 s", ResponseTimeout),
        new("H13 Connection closed without response", "", UpstreamClosedWithoutResponse, StaleConnection, UpstreamResetWithoutResponse, UpstreamProcessExited, ConnectReset),
        new("H14 No web dynos running", "", NoDestinationsConfigured, NoHealthyDestination),
        new("H15 Idle connection", "", ResponseBodyStalled, UpgradeIdleTimeout),
        new("H17 Poorly formatted HTTP response", "", ResponseHeadMalformed, ResponseNotHttp, ResponseFramingConflict, ResponseChunkInvalid),
        new("H18 Server Request Interrupted", "", RequestSendFailed, UploadRejectedEarly, ResponseBodyTruncated, ResponseBodyReset),
        new("H19 Backend connection timeout", "", ConnectTimeout),
        new("H20 App boot timeout", "", UpstreamStarting),
        new("H21 Backend connection refused", "", ConnectRefused),
        new("H22 Connection limit reached", "", DestinationLimitReached),
        new("H23 Endpoint misconfigured", "", GatewayConfigInvalid),
        new("H27 Client Request Interrupted", "", ClientDisconnected, ClientBodyFailed),
        new("H28 Client Connection Idle", "", ClientBodyTimeout, ClientHeadTimeout),
        new("H32 TLS certificate mismatch", "the certificate shown to visitors", TlsCertNameMismatch),
        new("H80 Maintenance mode", "", GatewayDraining),
        new("H82 You've used up your dyno hour pool", "", NoDestinationsConfigured),
        new("H99 Platform error", "", GatewayInternalError),
        new("R10 Boot timeout", "the app did not listen on $PORT within 60 s", UpstreamStarting),
        new("R14 Memory quota exceeded", "a warning: the app runs on, slowly", UpstreamOomKilled),
        new("R15 Memory quota vastly exceeded", "the app was stopped", UpstreamOomKilled));

    public static readonly SystemSayings Gorouter = new(
        "Cloud Foundry gorouter",
        new("X-Cf-RouterError: unknown_route", "", RouteNotFound),
        new("X-Cf-RouterError: no_endpoints", "", NoDestinationsConfigured, NoHealthyDestination),
        new("X-Cf-RouterError: Connection Limit Reached", "", DestinationLimitReached),
        new("X-Cf-RouterError: endpoint_failure", "any failure of the app's side", ConnectRefused, UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, TlsCertUntrusted),
        new("502 Bad Gateway: Registered endpoint failed to handle the request.", "any failure of the app's side", ConnectRefused, UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse));

    public static readonly SystemSayings Tunnels = new(
        "ngrok",
        new("ERR_NGROK_3004", "an answer that is not valid HTTP, often https spoken to in http", ResponseNotHttp, PlainHttpToTlsPort, ResponseHeadMalformed),
        new("ERR_NGROK_3200", "the endpoint is offline", RouteNotFound, NoDestinationsConfigured),
        new("ERR_NGROK_8012", "", ConnectRefused));

    public static readonly SystemSayings Fly = new(
        "Fly.io",
        new("PC01", "", ConnectRefused),
        new("PC02", "", ConnectRefused),
        new("PU02", "", UpstreamClosedWithoutResponse),
        new("PU03", "", HostUnreachable),
        new("instance refused connection. is your app listening on 0.0.0.0:…? make sure it is not only listening on 127.0.0.1", "", ConnectRefused));

    public static readonly SystemSayings Vercel = new(
        "Vercel",
        new("NOT_FOUND", "", RouteNotFound),
        new("DNS_HOSTNAME_NOT_FOUND", "", DnsNotFound),
        new("DNS_HOSTNAME_SERVER_ERROR", "", DnsFailed),
        new("DNS_HOSTNAME_RESOLVE_FAILED", "", DnsTimeout, DnsFailed),
        new("DNS_HOSTNAME_RESOLVED_PRIVATE", "", DestinationForbidden),
        new("INFINITE_LOOP_DETECTED", "", ProxyLoop),
        new("FUNCTION_INVOCATION_TIMEOUT", "", ResponseTimeout),
        new("FUNCTION_INVOCATION_FAILED", "", UpstreamErrorPassedThrough),
        new("FUNCTION_RESPONSE_PAYLOAD_TOO_LARGE", "", ResponseTooLarge),
        new("NO_RESPONSE_FROM_FUNCTION", "", UpstreamClosedWithoutResponse),
        new("ROUTER_EXTERNAL_TARGET_ERROR", "any failure of the other side", UpstreamClosedWithoutResponse, ConnectRefused));

    public static readonly SystemSayings Kubernetes = new(
        "Kubernetes",
        new("OOMKilled", "the container's last state; exit code 137", UpstreamOomKilled),
        new("exit code 137", "killed (signal 9), mostly because memory ran out", UpstreamOomKilled, UpstreamProcessExited),
        new("exit code 139", "a memory fault in the program (segmentation fault)", UpstreamProcessExited),
        new("CrashLoopBackOff", "the app ends again and again and is restarted with growing pauses", UpstreamRestarting, UpstreamProcessExited, UpstreamStarting),
        new("ImagePullBackOff", "the app could not even be fetched", NoHealthyDestination, NoDestinationsConfigured),
        new("Readiness probe failed", "", NoHealthyDestination, UpstreamStarting),
        new("Readiness probe failed: HTTP probe failed with statuscode: …", "", NoHealthyDestination),
        new("Liveness probe failed", "the app is restarted because of it", UpstreamRestarting),
        new("Service does not have any active Endpoint", "ingress-nginx answers 503", NoHealthyDestination, NoDestinationsConfigured),
        new("no endpoints available for service \"…\"", "", NoHealthyDestination, NoDestinationsConfigured),
        new("default backend - 404", "no ingress rule fits", RouteNotFound));
}
