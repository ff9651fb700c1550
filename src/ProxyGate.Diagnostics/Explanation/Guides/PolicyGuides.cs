using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The gateway's rules, and answers that are not the gateway's own.</summary>
internal static class PolicyGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.AuthServiceFailed] = new(
            "A sign-in service must approve each request, and it could not be asked or failed itself. The request was not sent on, and nobody decided whether the visitor may pass.",
            new("app_down", "The sign-in service does not run: a request to its address by hand is refused or gets no answer."),
            new("config_mistake", "The sign-in service answers, but with 404, 405 or a redirect: its address or path in the configuration is wrong."),
            new("dependency_down", "The sign-in service answers 500 or 503: something it needs, such as its database or directory, is down."),
            new("slow_request", "The sign-in service answers, but later than the time limit.")),
        [CauseId.DeniedByPolicy] = new(
            "A rule in ProxyGate's configuration refused this request. The app was not asked.",
            new("rule_matches", "The rule is meant for this client: its address or missing permission is what the rule names."),
            new("shared_address", "The address ProxyGate sees is that of a proxy, a load balancer or an office, not the visitor's own: TrustedProxies does not name what stands in front."),
            new("config_mistake", "Everyone is refused since a change of the configuration: the rule is wider than meant.")),
        [CauseId.RateLimited] = new(
            "This client sent more requests in a short time than the limit allows. The app was not asked.",
            new("client_bug", "One address sends nearly all the refused requests, evenly and fast: a script, a crawler, or a page that asks again and again."),
            new("shared_address", "Many different browsers come from the one address: an office, a mobile network, or a proxy in front that TrustedProxies does not name."),
            new("limit_too_low", "It meets ordinary visitors on pages with many pictures or requests: the limit is lower than one page needs."),
            new("too_much_traffic", "Many addresses are over the limit at the same moment: a rush of visitors, or an attack.")),
        [CauseId.UpstreamErrorPassedThrough] = new(
            "The app itself answered with an error (a status of 500 or above). ProxyGate passed the answer on unchanged; the connection to the app is in order.",
            new("app_bug", "The app's log has an exception at the same moment, always for the same path or input."),
            new("dependency_down", "The app's log speaks of a database, cache or other service that it could not reach; many paths fail at once."),
            new("worker_pool_full", "The app answers 503 when many requests come at once, and 200 when few do."),
            new("app_starting", "The app answers 503 for some seconds after it was started, then 200."),
            new("request_headers_too_big", "Only some visitors are hit, and a private browser window works: their cookies have grown too large for the app.")),
        [CauseId.UpstreamIsAGateway] = new(
            "The error was made by another proxy or load balancer that stands behind ProxyGate. It could not reach the app, or the app failed it. ProxyGate passed its answer on.",
            new("next_gateway_failed", "The answer has the other proxy's name in Server or Proxy-Status, or its known error page. Its own log has the reason."),
            new("app_down", "The app behind the other proxy does not answer when asked directly from that proxy's machine."),
            new("app_bug", "The app itself makes this status and names a proxy's software in its Server header: its own log has an entry for the request.")),
    };
}
