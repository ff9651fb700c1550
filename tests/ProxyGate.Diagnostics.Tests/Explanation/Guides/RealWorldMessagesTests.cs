using ProxyGate.Diagnostics.Explanation.Guides.Search;
using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Tests.Explanation.Guides;

/// <summary>What people paste into a search, as the systems write it, and the cause that has to come first.</summary>
public sealed class RealWorldMessagesTests
{
    public static TheoryData<string, string> Messages => new()
    {
        // The searches that the command was made for.
        { "upstream prematurely closed connection", UpstreamClosedWithoutResponse },
        { "H13", UpstreamClosedWithoutResponse },
        { "UF,URX", ConnectRefused },
        { "SC--", ConnectRefused },
        { "522", ConnectTimeout },
        { "ECONNREFUSED", ConnectRefused },
        { "111", ConnectRefused },
        { "AH01114", ConnectRefused },
        { "socket hang up", UpstreamClosedWithoutResponse },
        { "502", ConnectRefused },
        { "504", ResponseTimeout },

        // nginx's lines, whole.
        { "2026/11/24 03:12:44 [error] 12#12: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: shop.example, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:5000/\", host: \"shop.example\"", ConnectRefused },
        { "2026/11/24 03:12:44 [error] 31#31: *7 upstream timed out (110: Connection timed out) while connecting to upstream, client: 1.2.3.4, server: _, request: \"GET /a HTTP/1.1\", upstream: \"http://10.0.0.5:80/a\"", ConnectTimeout },
        { "2026/11/24 03:12:44 [error] 31#31: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 1.2.3.4, server: _, request: \"GET /slow HTTP/1.1\"", ResponseTimeout },
        { "2026/11/24 03:12:44 [error] 31#31: *7 upstream timed out (110: Operation timed out) while reading response header from upstream, client: 1.2.3.4", ResponseTimeout },
        { "*9 upstream timed out (110: Operation timed out) while connecting to upstream, client: 1.2.3.4", ConnectTimeout },
        { "*9 upstream timed out (110: Connection timed out) while reading upstream, client: 1.2.3.4", ResponseBodyStalled },
        { "*9 upstream timed out (110: Connection timed out) while SSL handshaking to upstream, client: 1.2.3.4", TlsHandshakeTimeout },
        { "*9 upstream timed out (110: Connection timed out) while proxying upgraded connection, client: 1.2.3.4", UpgradeIdleTimeout },
        { "*9 upstream prematurely closed connection while reading response header from upstream, client: 1.2.3.4, server: a", UpstreamClosedWithoutResponse },
        { "*9 upstream prematurely closed connection while reading upstream, client: 1.2.3.4, server: a", ResponseBodyTruncated },
        { "*3 recv() failed (104: Connection reset by peer) while reading response header from upstream, client: 1.2.3.4", UpstreamResetWithoutResponse },
        { "*3 recv() failed (104: Connection reset by peer) while reading upstream, client: 1.2.3.4", ResponseBodyReset },
        { "*3 connect() failed (113: No route to host) while connecting to upstream, client: 1.2.3.4", HostUnreachable },
        { "*3 connect() failed (113: Host is unreachable) while connecting to upstream, client: 1.2.3.4", HostUnreachable },
        { "2026/11/24 03:00:00 [crit] 3#3: *3 connect() to unix:/run/php/php8.1-fpm.sock failed (2: No such file or directory) while connecting to upstream, client: 1.2.3.4", SocketMissing },
        { "[crit] 3#3: *3 connect() to unix:/run/php/php-fpm.sock failed (13: Permission denied) while connecting to upstream, client: 1.2.3.4", SocketPermissionDenied },
        { "[crit] 3#3: *3 connect() to 127.0.0.1:8080 failed (13: Permission denied) while connecting to upstream, client: 1.2.3.4", GatewayConnectDenied },
        { "[error] connect() to unix:/run/php-fpm.sock failed (11: Resource temporarily unavailable) while connecting to upstream", ListenBacklogFull },
        { "[crit] 3#3: *3 connect() to 10.0.0.5:80 failed (99: Cannot assign requested address) while connecting to upstream", GatewayPortsExhausted },
        { "[alert] 3#3: *3 socket() failed (24: Too many open files) while connecting to upstream, client: 1.2.3.4", GatewayFdsExhausted },
        { "[error] 3#3: *3 no live upstreams while connecting to upstream, client: 1.2.3.4, upstream: \"http://app/\"", NoHealthyDestination },
        { "[alert] 3#3: 1024 worker_connections are not enough while connecting to upstream", GatewayOverloaded },
        { "[emerg] 1#1: host not found in upstream \"app:5000\" in /etc/nginx/conf.d/default.conf:12", DnsNotFound },
        { "app could not be resolved (3: Host not found), client: 1.2.3.4", DnsNotFound },
        { "app could not be resolved (110: Operation timed out), client: 1.2.3.4", DnsTimeout },
        { "*1 SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream", TlsToPlainHttpPort },
        { "*1 upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream", TlsCertExpired },
        { "*1 upstream SSL certificate verify error: (20:unable to get local issuer certificate) while SSL handshaking to upstream", TlsCertUntrusted },
        { "*1 upstream SSL certificate does not match \"app\" while SSL handshaking to upstream", TlsCertNameMismatch },
        { "*1 peer closed connection in SSL handshake while SSL handshaking to upstream, client: 1.2.3.4", TlsHandshakeClosed },
        { "*1 upstream sent too big header while reading response header from upstream, client: 1.2.3.4", ResponseHeadTooLarge },
        { "*1 upstream sent invalid header: \"X y: 1\" while reading response header from upstream", ResponseHeadMalformed },
        { "*1 upstream sent no valid HTTP/1.0 header while reading response header from upstream, client: 1.2.3.4", ResponseNotHttp },
        { "*1 upstream sent \"Content-Length\" and \"Transfer-Encoding\" headers at the same time while reading response header from upstream", ResponseFramingConflict },
        { "*1 upstream sent invalid chunked response while reading upstream", ResponseChunkInvalid },
        { "*1 upstream sent too large http2 frame: 4740180 while reading response header from upstream", HttpVersionMismatch },
        { "*1 client intended to send too large body: 10485761 bytes, client: 1.2.3.4", ClientRequestTooLarge },
        { "*1 client prematurely closed connection, so upstream connection is closed too while sending request to upstream", ClientDisconnected },
        { "*1 limiting requests, excess: 5.120 by zone \"one\", client: 1.2.3.4", RateLimited },
        { "*1 access forbidden by rule, client: 1.2.3.4", DeniedByPolicy },
        { "400 The plain HTTP request was sent to HTTPS port", PlainHttpToTlsPort },

        // HAProxy.
        { "10.0.0.1:41234 [24/Nov/2026:03:00:00.123] fe be/s1 0/0/-1/-1/3005 503 217 - - SC-- 3/3/0/0/3 0/0 \"GET / HTTP/1.1\"", ConnectRefused },
        { "10.0.0.1:41234 [24/Nov/2026:03:00:00.123] fe be/s1 0/0/1/-1/2003 504 198 - - sH-- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"", ResponseTimeout },
        { "SH--", UpstreamClosedWithoutResponse },
        { "sH--", ResponseTimeout },
        { "sC", ConnectTimeout },
        { "PH--", ResponseHeadMalformed },
        { "CD--", ClientDisconnected },
        { "sQ--", DestinationLimitReached },
        { "backend app has no server available!", NoHealthyDestination },

        // Envoy and Istio.
        { "UC", UpstreamClosedWithoutResponse },
        { "URX,UF", ConnectRefused },
        { "UH", NoHealthyDestination },
        { "NR", RouteNotFound },
        { "upstream connect error or disconnect/reset before headers. reset reason: connection failure, transport failure reason: delayed connect error: 111", ConnectRefused },
        { "upstream connect error or disconnect/reset before headers. reset reason: connection termination", UpstreamClosedWithoutResponse },
        { "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: connection timeout", ConnectTimeout },
        { "upstream_reset_before_response_started{connection_termination}", UpstreamClosedWithoutResponse },
        { "no healthy upstream", NoHealthyDestination },
        { "upstream request timeout", ResponseTimeout },

        // Clouds and platforms.
        { "Error 521 Web server is down", ConnectRefused },
        { "524", ResponseTimeout },
        { "526", TlsCertExpired },
        { "error 1016", DnsNotFound },
        { "failed_to_pick_backend", NoHealthyDestination },
        { "backend_connection_closed_before_data_sent_to_client", UpstreamClosedWithoutResponse },
        { "at=error code=H12 desc=\"Request timeout\" method=GET path=/ host=x.herokuapp.com dyno=web.1 connect=1ms service=30000ms status=503", ResponseTimeout },
        { "h14", NoDestinationsConfigured },
        { "R14", UpstreamOomKilled },
        { "ERR_NGROK_8012", ConnectRefused },
        { "OOMKilled", UpstreamOomKilled },
        { "CrashLoopBackOff", UpstreamRestarting },

        // Other proxies.
        { "[proxy:error] [pid 12] (111)Connection refused: AH00957: http: attempt to connect to 127.0.0.1:8080 (127.0.0.1:8080) failed", ConnectRefused },
        { "(70007)The timeout specified has expired: [client 1.2.3.4:5] AH01102: error reading status line from remote server app:80", ResponseTimeout },
        { "AH00898: Error reading from remote server returned by /basket", UpstreamClosedWithoutResponse },
        { "502 Bad Gateway caused by: EOF", UpstreamClosedWithoutResponse },
        { "dial tcp 10.0.0.5:8080: connect: connection refused", ConnectRefused },
        { "dial tcp: lookup app on 127.0.0.11:53: no such host", DnsNotFound },
        { "dial tcp 10.0.0.5:8080: i/o timeout", ConnectTimeout },
        { "x509: certificate signed by unknown authority", TlsCertUntrusted },
        { "tls: first record does not look like a TLS handshake", TlsToPlainHttpPort },
        { "An invalid response was received from the upstream server", UpstreamClosedWithoutResponse },
        { "ForwarderError.RequestTimedOut", ResponseTimeout },

        // .NET and clients.
        { "System.Net.Http.HttpIOException: The response ended prematurely. (ResponseEnded)", UpstreamClosedWithoutResponse },
        { "System.Net.Http.HttpRequestException: Connection refused (localhost:5000)", ConnectRefused },
        { "System.Net.Sockets.SocketException (111): Connection refused", ConnectRefused },
        { "AuthenticationException: Cannot determine the frame size or a corrupted frame was received.", TlsToPlainHttpPort },
        { "curl: (52) Empty reply from server", UpstreamClosedWithoutResponse },
        { "curl: (7) Failed to connect to localhost port 5000 after 0 ms: Connection refused", ConnectRefused },
        { "curl: (18) transfer closed with 100 bytes remaining to read", ResponseBodyTruncated },
        { "curl: (60) SSL certificate problem: self-signed certificate", TlsCertUntrusted },
        { "Error: connect ECONNREFUSED 127.0.0.1:3000", ConnectRefused },
        { "Error: getaddrinfo ENOTFOUND app", DnsNotFound },
        { "getaddrinfo EAI_AGAIN db", DnsFailed },
        { "ECONNRESET", UpstreamResetWithoutResponse },
        { "ETIMEDOUT", ConnectTimeout },
        { "DEPTH_ZERO_SELF_SIGNED_CERT", TlsCertUntrusted },
        { "requests.exceptions.ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))", UpstreamClosedWithoutResponse },
        { "java.net.SocketTimeoutException: Read timed out", ResponseTimeout },
        { "ERR_EMPTY_RESPONSE", UpstreamClosedWithoutResponse },
        { "[2026-11-24 03:00:00 +0000] [8] [CRITICAL] WORKER TIMEOUT (pid:10)", UpstreamClosedWithoutResponse },
        { "kernel: Out of memory: Killed process 1234 (dotnet) total-vm:1kB", UpstreamOomKilled },
        { "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it", ListenBacklogFull },
    };

    [Theory, MemberData(nameof(Messages))]
    public void A_message_of_another_system_leads_to_the_cause_first(string text, string cause)
    {
        var found = GuideSearch.Find(text).Matches;
        Assert.NotEmpty(found);
        Assert.True((found[0].Kind, found[0].Id) == (GuideKind.Cause, cause), $"\"{text}\"\nfound {string.Join("\n      ", found.Select(m => $"{m.Id} ({m.Strength}: {m.Why})"))}");
    }

    [Theory, MemberData(nameof(Messages))]
    public void Case_quoting_and_spaces_do_not_matter(string text, string cause)
    {
        // Of these codes, upper and lower case mean different things.
        if (text.Contains("--", StringComparison.Ordinal) || text is "sC") return;
        foreach (var variant in new[] { text.ToUpperInvariant(), text.ToLowerInvariant(), $"  \"{text}\"\n", $"`{text}`." })
            Assert.Equal(cause, GuideSearch.Find(variant).Matches is [var first, ..] ? first.Id : null);
    }
}
