using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>Apache httpd as a proxy (mod_proxy).</summary>
internal static class HttpdSayings
{
    public static readonly SystemSayings Proxy = new(
        "Apache httpd",
        new("AH00957: http: attempt to connect to … failed", "the errno before it tells why", ConnectRefused, ConnectTimeout, HostUnreachable, NetworkUnreachable, GatewayConnectDenied, SocketMissing),
        new("(111)Connection refused: … AH00957: http: attempt to connect to … failed", "", ConnectRefused),
        new("(110)Connection timed out: … AH00957: http: attempt to connect to … failed", "", ConnectTimeout),
        new("(70007)The timeout specified has expired: … AH00957: http: attempt to connect to … failed", "", ConnectTimeout),
        new("(113)No route to host: … AH00957: http: attempt to connect to … failed", "", HostUnreachable),
        new("(101)Network is unreachable: … AH00957: http: attempt to connect to … failed", "", NetworkUnreachable),
        new("(13)Permission denied: … AH00957: http: attempt to connect to … failed", "", GatewayConnectDenied),
        new("(2)No such file or directory: … AH02454: HTTP: attempt to connect to Unix domain socket … failed", "", SocketMissing),
        new("(13)Permission denied: … AH02454: HTTP: attempt to connect to Unix domain socket … failed", "", SocketPermissionDenied),
        new("AH01114: HTTP: failed to make connection to backend: …", "stands behind the line that tells why", ConnectRefused, ConnectTimeout, HostUnreachable, TlsHandshakeClosed),
        new("AH00959: ap_proxy_connect_backend disabling worker for (…) for 60s", "", ConnectRefused, CircuitOpen),
        new("AH00898: DNS lookup failure for: … returned by …", "the code stands for any refusal of a request; the text tells which", DnsNotFound, DnsFailed, DnsTimeout),
        new("AH00898: Error during SSL Handshake with remote server returned by …", "any failure of the handshake, certificates included", TlsHandshakeClosed, TlsCertUntrusted, TlsCertExpired, TlsVersionOrCipherMismatch, TlsToPlainHttpPort),
        new("AH00898: Error reading from remote server returned by …", "", UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse, StaleConnection),
        new("AH01102: error reading status line from remote server …", "", UpstreamClosedWithoutResponse, StaleConnection, UpstreamResetWithoutResponse, UpstreamProcessExited),
        new("(70007)The timeout specified has expired: … AH01102: error reading status line from remote server …", "", ResponseTimeout),
        new("(104)Connection reset by peer: … AH01102: error reading status line from remote server …", "", UpstreamResetWithoutResponse, StaleConnection),
        new("(20014)Internal error: … AH01102: error reading status line from remote server …", "", UpstreamClosedWithoutResponse),
        new("AH01110: error reading response", "", ResponseBodyTruncated, ResponseBodyReset, ResponseBodyStalled),
        new("AH01097: pass request body failed to … from …", "", RequestSendFailed, UploadRejectedEarly, ClientBodyFailed),
        new("AH01084: pass request body failed to …", "", RequestSendFailed, UploadRejectedEarly),
        new("AH01095: prefetch request body failed to … from …", "", ClientBodyFailed, ClientBodyTimeout),
        new("AH01106: bad HTTP/… header returned by …", "", ResponseHeadMalformed),
        new("AH01107: server … returned Transfer-Encoding and Content-Length", "passed on all the same", ResponseFramingConflict),
        new("AH01590: Error reading/parsing chunk", "", ResponseChunkInvalid),
        new("AH02003: SSL Proxy connect failed", "", TlsHandshakeClosed, TlsVersionOrCipherMismatch, TlsToPlainHttpPort, TlsCertUntrusted),
        new("AH02004: SSL Proxy: Peer certificate is expired", "", TlsCertExpired),
        new("AH02005: SSL Proxy: Peer certificate CN mismatch: …", "", TlsCertNameMismatch),
        new("AH02039: Certificate Verification: Error (10): certificate has expired", "", TlsCertExpired),
        new("AH02039: Certificate Verification: Error (9): certificate is not yet valid", "", TlsCertNotYetValid),
        new("AH02039: Certificate Verification: Error (18): self-signed certificate", "", TlsCertUntrusted),
        new("AH02039: Certificate Verification: Error (20): unable to get local issuer certificate", "", TlsCertUntrusted),
        new("AH02039: Certificate Verification: Error (23): certificate revoked", "", TlsCertRevoked),
        new("AH01171: …: No workers in balancer", "", NoDestinationsConfigured),
        new("AH01170: …: All workers are in error state", "", NoHealthyDestination, CircuitOpen),
        new("AH01167: …: All workers are in error state for route (…)", "", NoHealthyDestination),
        new("AH00934: all workers are busy.  Unable to serve …", "", DestinationLimitReached),
        new("AH01144: No protocol handler was valid for the URL …", "", GatewayConfigInvalid),
        new("AH00916: connect to remote machine … blocked: name … matched", "", DestinationForbidden),
        new("AH00917: connect to remote machine … blocked: IP … matched", "", DestinationForbidden),
        new("AH01630: client denied by server configuration: …", "", DeniedByPolicy),
        new("AH00135: Invalid method in request …", "", ClientRequestMalformed),
        new("AH00126: Invalid URI in request …", "", ClientRequestMalformed),
        new("AH00565: request failed: client's request-line exceeds LimitRequestLine", "", ClientRequestTooLarge),
        new("AH00561: Request header exceeds LimitRequestFieldSize", "", ClientRequestTooLarge),
        new("AH01588: Requested content-length of … is larger than the configured limit of …", "", ClientRequestTooLarge),
        new("AH01382: Request header read timeout", "", ClientHeadTimeout),
        new("AH01382: Request body read timeout", "", ClientBodyTimeout),
        new("AH00161: server reached MaxRequestWorkers setting, consider raising the MaxRequestWorkers setting", "from the log of the upstream Apache", GatewayOverloaded, ListenBacklogFull));

    /// <summary>PHP behind a web server, and Python's usual app server.</summary>
    public static readonly SystemSayings Php = new(
        "php-fpm",
        new("server reached pm.max_children setting (…), consider raising it", "in php-fpm's own log", ListenBacklogFull, ResponseTimeout),
        new("execution timed out (… sec), terminating", "in php-fpm's own log: request_terminate_timeout", UpstreamClosedWithoutResponse),
        new("child … exited on signal 11 (SIGSEGV - core dumped)", "in php-fpm's own log", UpstreamClosedWithoutResponse, UpstreamProcessExited),
        new("child … exited on signal 9 (SIGKILL)", "in php-fpm's own log", UpstreamOomKilled, UpstreamClosedWithoutResponse),
        new("AH01079: failed to make connection to backend: httpd-UDS", "Apache, asking php-fpm over a socket", SocketMissing, ConnectRefused, SocketPermissionDenied),
        new("AH01067: Failed to read FastCGI header", "Apache, asking php-fpm", UpstreamClosedWithoutResponse, UpstreamResetWithoutResponse),
        new("AH01075: Error dispatching request to", "Apache, asking php-fpm", ResponseTimeout, UpstreamClosedWithoutResponse),
        new("FastCGI sent in stderr: \"PHP message: PHP Fatal error: …\"", "nginx, asking php-fpm", UpstreamErrorPassedThrough),
        new("upstream prematurely closed FastCGI stdout while reading response header from upstream", "nginx, asking php-fpm", UpstreamClosedWithoutResponse));

    public static readonly SystemSayings Gunicorn = new(
        "gunicorn",
        new("[CRITICAL] WORKER TIMEOUT (pid:…)", "in gunicorn's own log", UpstreamClosedWithoutResponse),
        new("Worker (pid:…) was sent SIGKILL! Perhaps out of memory?", "in gunicorn's own log; a guess of gunicorn's, a timeout looks the same", UpstreamOomKilled, UpstreamClosedWithoutResponse),
        new("Worker failed to boot.", "in gunicorn's own log", UpstreamProcessExited, UpstreamStarting));
}
