using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in ProxyGate: its configuration, its checks, its own life.</summary>
internal static class GatewayMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "route_missing",
            "No route is meant for this request",
            "The configuration has no route for this host and path.",
            "No entry under Routes fits, letter by letter. A route that fits in the file, but was not taken over, speaks against it."),
        Guide(
            "destinations_missing",
            "The cluster has no destination",
            "The route leads to a cluster without an address, or to one whose name is misspelled.",
            "Proved by the configuration; it fails for every request. Requests that were answered speak against it."),
        Guide(
            "config_mistake",
            "The configuration has a mistake",
            "Something was written that cannot work, or that means something else than intended.",
            "The failures began with a change of the configuration, or \"proxygate check\" names the line. Failures without a change speak against it."),
        Guide(
            "health_path",
            "The health check asks in the wrong way",
            "The check asks for a path that does not exist, needs a sign-in or redirects, so a working app counts as ill.",
            "The last check got 401, 403, 404 or a redirect, while other requests are answered. A 500 or no answer speaks against it."),
        Guide(
            "rule_matches",
            "The rule is meant for this visitor",
            "Somebody configured that this address, or people without this permission, shall not get in.",
            "The rule names what the request has. A rule wider than meant speaks against it."),
        Guide(
            "gateway_restarted",
            "ProxyGate is being stopped or restarted",
            "A person, a roll-out or the service manager stops ProxyGate at this moment.",
            "Proved by the state of its service or container. A process that runs on speaks against it."),
        Guide(
            "gateway_bug",
            "ProxyGate has a fault",
            "ProxyGate itself went wrong.",
            "An exception in ProxyGate's own code, and a correct answer by hand from the same machine. The same failure by hand speaks against it."),
    ];
}
