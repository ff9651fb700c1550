using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>Linkerd, Kong, Squid, Varnish, IIS.</summary>
internal static class OtherProxySayings
{
    public static readonly SystemSayings Linkerd = new(
        "Linkerd",
        new("l5d-proxy-error: HTTP Logical service in fail-fast", "no endpoint can be used for the moment", NoHealthyDestination, CircuitOpen),
        new("508 Loop Detected", "", ProxyLoop));

    public static readonly SystemSayings Kong = new(
        "Kong",
        new("An invalid response was received from the upstream server", "one sentence for every 502", UpstreamClosedWithoutResponse, ConnectRefused, ConnectReset, ResponseHeadMalformed, TlsToPlainHttpPort),
        new("The upstream server is timing out", "connection and answer alike", ResponseTimeout, ConnectTimeout),
        new("failure to get a peer from the ring-balancer", "", NoHealthyDestination, NoDestinationsConfigured),
        new("no Route matched with those values", "", RouteNotFound));

    public static readonly SystemSayings Squid = new(
        "Squid",
        new("ERR_CONNECT_FAIL", "", ConnectRefused, ConnectTimeout, HostUnreachable),
        new("ERR_DNS_FAIL", "", DnsNotFound, DnsFailed, DnsTimeout),
        new("ERR_READ_TIMEOUT", "", ResponseTimeout),
        new("ERR_ZERO_SIZE_OBJECT", "", UpstreamClosedWithoutResponse, StaleConnection),
        new("ERR_ACCESS_DENIED", "", DeniedByPolicy),
        new("ERR_TOO_BIG", "", ResponseTooLarge));

    public static readonly SystemSayings Varnish = new(
        "Varnish",
        new("503 Backend fetch failed", "one page for every failure of the backend; varnishlog has FetchError", ConnectRefused, UpstreamClosedWithoutResponse, ResponseTimeout, NoHealthyDestination),
        new("FetchError: no backend connection", "", ConnectRefused, ConnectTimeout, NoHealthyDestination),
        new("FetchError: first byte timeout", "", ResponseTimeout),
        new("FetchError: between bytes timeout", "", ResponseBodyStalled));

    public static readonly SystemSayings Iis = new(
        "IIS",
        new("HTTP Error 502.3 - Bad Gateway", "Application Request Routing, and ASP.NET Core behind IIS", ConnectRefused, ResponseTimeout, UpstreamClosedWithoutResponse),
        new("HTTP Error 502.5 - Process Failure", "", UpstreamProcessExited, UpstreamStarting),
        new("HTTP Error 500.30 - ASP.NET Core app failed to start", "", UpstreamProcessExited, UpstreamStarting),
        new("HTTP Error 503. The service is unavailable.", "the application pool is stopped or its queue is full", NoHealthyDestination, ListenBacklogFull));
}
