using static ProxyGate.Gateway.Configuration.Shapes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// Every key of YARP's <c>ReverseProxy</c> section as YARP 2.3 reads it; null means "not given" everywhere. A test holds it to YARP's own types.
/// </summary>
internal static class ReverseProxyShape
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Year = TimeSpan.FromDays(366);

    public static SectionShape Section { get; } = new(
    [
        new("Routes", new MapShape("route", Route()), "Which requests go to which cluster, by route id."),
        new("Clusters", new MapShape("cluster", Cluster()), "The upstreams, by cluster id."),
    ]);

    private static SectionShape Route() => Keys(
        new("Order", Whole(int.MinValue, int.MaxValue), "Routes of a lower order are matched first; otherwise the more specific one is.", "0"),
        new("ClusterId", Name("the id of a cluster"), "Id of the cluster that serves the route."),
        new("Match", Match(), "What a request must look like; at least Hosts or Path is needed."),
        new("MaxRequestBodySize", Whole(-1, long.MaxValue), "Largest request body of the route, in bytes; -1: no limit. Overrides ProxyGate:Limits:RequestBody."),
        new("AuthorizationPolicy", Absent("authorization policy", "Anonymous"), "Only Anonymous has a meaning: the gateway defines no authorization policies."),
        new("RateLimiterPolicy", Absent("rate limiter policy", "Disable"), "Only Disable has a meaning: the gateway defines no rate limiter policies."),
        new("OutputCachePolicy", Absent("output cache policy"), "Has no meaning: the gateway defines no output cache policies."),
        new("TimeoutPolicy", Absent("timeout policy", "Disable"), "Only Disable has a meaning: the gateway defines no timeout policies."),
        new("Timeout", Duration(TimeSpan.FromMilliseconds(1), Year), "The whole request: 1ms to 366d. Absent: ProxyGate:Timeouts:Total."),
        new("CorsPolicy", Absent("CORS policy", "Disable"), "Only Disable has a meaning: the gateway defines no CORS policies."),
        new("Metadata", Metadata(), "Free name and value pairs."),
        new("Transforms", new ListShape(new TransformShape()), "Changes to the request and response, in order."));

    private static SectionShape Match() => Keys(
        new("Methods", new ListShape(Name("an HTTP method")), "HTTP methods; absent: all."),
        new("Hosts", new ListShape(Name("a host name")), "Host names, with optional port and leading wildcard, e.g. example.org, *.example.org, example.org:8443; absent: all."),
        new("Path", PathPattern(), "Path pattern of ASP.NET Core routing, e.g. /api/{**rest}; absent: all."),
        new("Headers", new ListShape(Keys(
            new ShapeKey("Name", Name("the name of a header field"), "Name of the header field.") { Required = true },
            new("Values", new ListShape(Text()), "Values, any of which matches."),
            new("Mode", Choice("ExactHeader", "HeaderPrefix", "Contains", "NotContains", "Exists", "NotExists"), "How values are compared.", "\"ExactHeader\""),
            new("IsCaseSensitive", Flag(), "Whether case counts.", "false"))), "Header fields that must match, all of them."),
        new("QueryParameters", new ListShape(Keys(
            new ShapeKey("Name", Name("the name of a query parameter"), "Name of the query parameter.") { Required = true },
            new("Values", new ListShape(Text()), "Values, any of which matches."),
            new("Mode", Choice("Exact", "Contains", "NotContains", "Prefix", "Exists"), "How values are compared.", "\"Exact\""),
            new("IsCaseSensitive", Flag(), "Whether case counts.", "false"))), "Query parameters that must match, all of them."));

    private static SectionShape Cluster() => Keys(
        new("LoadBalancingPolicy", Choice(TrafficShape.LoadBalancingPolicies),
            "How a destination is chosen: YARP's own policies; WeightedRoundRobin and WeightedLeastRequests, which heed the weights (ProxyGate:Clusters:<id>:Weights, or the destination's metadata Weight); or ConsistentHash, which keeps the same clients at the same destination (ProxyGate:Clusters:<id>:Hash).", "\"PowerOfTwoChoices\""),
        new("SessionAffinity", SessionAffinity(), "Keeps a client at one destination."),
        new("HealthCheck", HealthCheck(), "Takes destinations out of use that fail."),
        new("HttpClient", HttpClient(), "The connections to the destinations."),
        new("HttpRequest", HttpRequest(), "The requests to the destinations."),
        new("Metadata", Metadata(), "Free name and value pairs."),
        new("Destinations", new MapShape("destination", Keys(
            new ShapeKey("Address", Destination(), "URL of the destination: http://host:port, https://host:port, or http://unix:/path for a unix socket; a path is put before the request's.") { Required = true },
            new("Health", Destination(), "URL for active health checks; absent: the address."),
            new("Host", Name("a host name"), "Host field sent to this destination; absent: the host of the address."),
            new("Metadata", Metadata(), "Free name and value pairs."))), "The servers of the cluster, by destination id."));

    private static SectionShape SessionAffinity() => Keys(
        new("Enabled", Flag(), "Whether affinity is used.", "false"),
        new("Policy", Choice("HashCookie", "ArrCookie", "Cookie", "CustomHeader"), "How the destination is remembered.", "\"HashCookie\""),
        new("FailurePolicy", Choice("Redistribute", "Return503Error"), "What happens when the destination is gone.", "\"Redistribute\""),
        new("AffinityKeyName", Name("the name of a cookie or header field"), "Name of the cookie or header field."),
        new("Cookie", Keys(
            new ShapeKey("Path", Text(), "Path of the cookie."),
            new("Domain", Text(), "Domain of the cookie."),
            new("HttpOnly", Flag(), "Whether scripts are kept from the cookie.", "true"),
            new("SecurePolicy", Choice("SameAsRequest", "Always", "None"), "When the cookie is sent over https only.", "\"None\""),
            new("SameSite", Choice("Unspecified", "None", "Lax", "Strict"), "SameSite of the cookie.", "\"Unspecified\""),
            new("Expiration", Duration(Tick, TimeSpan.FromDays(3660)), "When the cookie expires, counted from now: up to 3660d."),
            new("MaxAge", Duration(Tick, TimeSpan.FromDays(3660)), "How long the cookie lives: up to 3660d."),
            new("IsEssential", Flag(), "Whether the cookie needs no consent.", "false")), "The affinity cookie."));

    private static SectionShape HealthCheck() => Keys(
        new("Passive", Keys(
            new ShapeKey("Enabled", Flag(), "Whether passive checks are made.", "false"),
            new("Policy", Choice("TransportFailureRate"), "How failures are judged.", "\"TransportFailureRate\""),
            new("ReactivationPeriod", Duration(Tick, Year), "How long a failed destination stays out of use: up to 366d.", "\"60s\"")),
            "Judges destinations by their answers to real requests."),
        new("Active", Keys(
            new ShapeKey("Enabled", Flag(), "Whether active checks are made.", "false"),
            new("Interval", Duration(Tick, TimeSpan.FromDays(24)), "Time between checks: up to 24d.", "\"15s\""),
            new("Timeout", Duration(Tick, TimeSpan.FromDays(24)), "How long a check may take: up to 24d.", "\"10s\""),
            new("Policy", Choice("ConsecutiveFailures"), "How failures are judged.", "\"ConsecutiveFailures\""),
            new("Path", Text(), "Path requested by the check.", "\"/\""),
            new("Query", Text(), "Query of the check, with its question mark.")),
            "Judges destinations by requests of its own."),
        new("AvailableDestinationsPolicy", Choice("HealthyAndUnknown", "HealthyOrPanic"), "Which destinations may be used: only those not found unhealthy, or, when that leaves none, all. ProxyGate:Clusters:<id>:Health:Panic is finer.", "\"HealthyOrPanic\""));

    private static SectionShape HttpClient() => Keys(
        new("SslProtocols", new ListShape(Choice("Tls12", "Tls13", "Tls11", "Tls", "None")), "TLS versions towards the destinations; absent: the system's choice."),
        new("DangerousAcceptAnyServerCertificate", Flag(), "Accept any certificate; ProxyGate:UpstreamTls:Verify does the same.", "false"),
        new("MaxConnectionsPerServer", Whole(1, int.MaxValue), "Most connections to one destination: 1 or more; absent: no limit."),
        new("EnableMultipleHttp2Connections", Flag(), "More than one HTTP/2 connection to a destination when the streams of one are used up.", "true"),
        new("RequestHeaderEncoding", Name("the name of a text encoding"), "Encoding of request header values, e.g. utf-8 or latin1; absent: ASCII."),
        new("ResponseHeaderEncoding", Name("the name of a text encoding"), "Encoding of response header values, e.g. utf-8 or latin1; absent: ASCII."),
        new("WebProxy", Keys(
            new ShapeKey("Address", Destination(), "URL of the proxy."),
            new("BypassOnLocal", Flag(), "Whether local addresses are reached directly.", "false"),
            new("UseDefaultCredentials", Flag(), "Whether the process's credentials are sent.", "false")), "A proxy between the gateway and the destinations."));

    private static SectionShape HttpRequest() => Keys(
        new("ActivityTimeout", Duration(Tick, Year), "How long a request may be without any progress: up to 366d.", "\"100s\""),
        new("Version", HttpVersion(), "HTTP version towards the destinations: 1.0, 1.1, 2 or 3.", "\"2\""),
        new("VersionPolicy", Choice("RequestVersionOrLower", "RequestVersionOrHigher", "RequestVersionExact"), "How Version is meant.", "\"RequestVersionOrLower\""),
        new("AllowResponseBuffering", Flag(), "Whether responses may be held back to be written in larger pieces.", "false"));

    private static MapShape Metadata() => new("entry", Text() with { Nullable = true }) { Nullable = true };

    /// <summary>In YARP's section a null is the same as nothing, for sections, lists and values alike.</summary>
    private static SectionShape Keys(params ShapeKey[] keys) =>
        new([.. keys.Select(k => k with { Shape = k.Shape with { Nullable = !k.Required } })]) { Nullable = true };
}
