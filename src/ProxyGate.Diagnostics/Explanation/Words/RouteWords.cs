using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>Before anything was sent: routes, destinations, the gateway's own limits and rules.</summary>
internal static class RouteWords
{
    private const int MostDestinations = 4;

    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.RouteNotFound] = new(
            s => $"No route matches {s.RequestLine} for host \"{Host(s)}\", so ProxyGate forwarded it nowhere.",
            "That the app lacks this page: no app was asked.",
            s =>
            [
                Checks.Step($"Compare the Hosts and Path of every route under ReverseProxy:Routes with host \"{Host(s)}\" and path \"{Seen.Short(s.Request.Path)}\"."),
                Checks.Step("A path such as /api/ matches only itself; to match what is below it write /api/{**rest}."),
            ]),
        [CauseId.NoDestinationsConfigured] = new(
            s => $"Route {Quoted(s.Request.Route)} sends this request to cluster {Quoted(s.Request.Cluster)}, which has no destination configured.",
            "Anything about the app: there was no address to contact.",
            s => [Checks.Step($"Add an address under ReverseProxy:Clusters:{Seen.Short(s.Request.Cluster ?? "<cluster>")}:Destinations.")]),
        [CauseId.NoHealthyDestination] = new(
            s => s.Request.Decision == GatewayDecision.BoundDestinationLost
                ? $"This client is bound to one destination of cluster {Quoted(s.Request.Cluster)} that is gone or out of use{Reasons(s, "")}, and SessionAffinity:FailurePolicy says not to take another."
                : $"Every destination of cluster {Quoted(s.Request.Cluster)} has been taken out of use{Reasons(s, $" by its health checks{Detail(s)}")}, so there was nowhere to send the request.",
            "That the app is down now: a health check with a wrong path, or one that needs a sign-in, takes a working app out of use too.",
            s => [.. LastSeen(s), .. Checks.App(s)]),
        [CauseId.CircuitOpen] = new(
            s => s.Request.OpenCircuit is { } c
                ? $"{Alone(c)} for a moment, because its recent requests failed{(c.Cause is null ? "" : $" with {c.Cause}")}. This request was not sent; the next trial is within {c.RetryInSeconds} s.{Last(s, c)}"
                : $"ProxyGate has stopped sending to this destination for a while, because its recent requests failed{Detail(s)}. This request was not sent.",
            s => Before(s) is { } before
                ? $"That it is still so: it was found at {Amounts.Clock(before.FoundAt, s.Context!.Now)}, and only the next trial shows whether it has changed."
                : "What is wrong with the destination: the failures that came first tell that.",
            s => s.Request.OpenCircuit?.FailureId is { } id
                ? [Checks.Step($"All that was seen of failure {Seen.Short(id)}, the last before this one:"), $"proxygate events --id {Shell.Word(id)}", .. Before(s)?.Checks ?? []]
                : [Checks.Step("See the causes of the failures before this one:"), "proxygate events --since 10m"]),
        [CauseId.DestinationLimitReached] = new(
            s => $"The destination already has as many requests under way as the configuration allows{Detail(s)}, so this one was not sent.",
            "That the limit is too low: an app that has become slow fills it as well.",
            s => s.Attempt is null ? ["proxygate events --since 10m"] : [Checks.Step("How long does the app take to answer now?"), Checks.SlowCurl(s)]),
        [CauseId.GatewayOverloaded] = new(
            s => $"ProxyGate is handling as many requests as it is allowed to{Detail(s)} and turned this one away.",
            "That the app is at fault. But a slow app makes requests pile up in the gateway.",
            _ => ["proxygate events --since 10m", "top -b -n 1 | head -n 15"]),
        [CauseId.GatewayDraining] = new(
            _ => "ProxyGate is shutting down or restarting: it finishes what is under way and takes nothing new.",
            "That anything is wrong.",
            _ => ["systemctl status proxygate"]),
        [CauseId.GatewayConfigInvalid] = new(
            s => $"The configured address of {Destination(s)} cannot be used{Detail(s)}.",
            "Anything about the app: nothing was sent to it.",
            _ => [Checks.Step("Every mistake of the configuration, with file and line (give your own file's name):"), "proxygate check --config proxygate.json"]),
        [CauseId.DestinationForbidden] = new(
            s => $"{s.Name} resolves to {s.Ip}, an address the configuration does not allow ProxyGate to connect to{Detail(s)}.",
            "An attack: a changed name record or a new network leads here too.",
            s => Checks.Name(s)),
        [CauseId.ProxyLoop] = new(
            s => $"This request has been through this ProxyGate before: {Loop(s)} leads back to the gateway itself.",
            "",
            s =>
            [
                Checks.Step("Which addresses does ProxyGate listen on? One of them is, directly or through another proxy, the destination's address."),
                "ss -ltnp | grep -F proxygate",
            ]),
        [CauseId.AuthServiceFailed] = new(
            s => $"The sign-in service that must approve this request could not be asked, or failed{Detail(s)}. The request was not sent on.",
            "That the visitor lacks permission: nobody decided.",
            _ => ["proxygate events --since 10m"]),
        [CauseId.DeniedByPolicy] = new(
            s => $"A rule of the gateway refused {s.RequestLine}{Detail(s)}.",
            "Anything about the app: it was not asked."),
        [CauseId.RateLimited] = new(
            s => $"This client has sent more requests than the gateway's limit allows{Detail(s)}.",
            "Bad intent: a page with many parts, or many people behind one address, reach a tight limit as well."),
        [CauseId.GatewayInternalError] = new(
            s => $"ProxyGate itself failed while handling {s.RequestLine}{Fault(s)}. This is a fault of the gateway, not of the app.",
            "That the app is healthy: it may not have been reached.",
            _ => [Checks.Step("The exception is in the evidence below and in the log. Please report it with this page's Markdown.")]),
        [CauseId.Unclassified] = new(
            s => s.Attempt is null
                ? $"{s.RequestLine} failed in a way ProxyGate has no name for{Detail(s)}."
                : $"The attempt to get an answer from {s.Where} failed in a way ProxyGate has no name for{Errno(s)}. Everything it saw is listed below.",
            "Anything: ProxyGate does not know the cause and will not guess.",
            s => s.Attempt is null ? [] : [Checks.Curl(s)]),
    };

    private static string Host(Seen s) => Seen.Short(s.Request.Host);

    private static string Quoted(string? id) => id is null ? "(unnamed)" : $"\"{Seen.Short(id)}\"";

    private static string Reasons(Seen s, string unknown) => s.Request.Unhealthy.Count == 0 ? unknown
        : $" ({string.Join("; ", s.Request.Unhealthy.Take(MostDestinations).Select(d => $"\"{Seen.Short(d.Destination)}\" for {Amounts.Time(d.ForMs)}, {Seen.Short(d.Cause)}"))}{(s.Request.Unhealthy.Count > MostDestinations ? "; …" : "")})";

    private static IEnumerable<string> LastSeen(Seen s) => s.Request.Unhealthy.Count == 0
        ? [Checks.Step("Look at the health-check lines of the log: which status or error did the last check get?")]
        : s.Request.Unhealthy.Take(MostDestinations).Select(d => Checks.Step($"{Seen.Short(d.Destination)}: {HostileText.Line(d.Words, 300)}"));

    private static string Detail(Seen s) => string.IsNullOrEmpty(s.Request.DecisionDetail) ? "" : $" ({Seen.Short(s.Request.DecisionDetail)})";

    /// <summary>What is known of the failure that stands for those which opened the circuit.</summary>
    private static EarlierFailure? Before(Seen s) => s.Request.OpenCircuit is { } c ? s.Context?.Before.FirstOrDefault(b => b.Destination == c.Destination) : null;

    /// <summary>In quotes: it is said of another request. Where a likely reason is known, that is told instead.</summary>
    private static string Last(Seen s, OpenCircuitFacts c) => Before(s) is not { } before || before.Hints.Any(h => h.Confidence != Confidence.Possible) ? ""
        : $" Of the last that was sent {(c.Destinations == 1 ? "there" : $"to \"{Seen.Short(c.Destination)}\"")}, failure {Seen.Short(before.FailureId)} at {Amounts.Clock(before.At, s.Context!.Now)}: \"{HostileText.Line(before.Sentence, 500)}\"";

    private static string Alone(OpenCircuitFacts c) => c.Destinations == 1
        ? $"Destination \"{Seen.Short(c.Destination)}\" is left alone"
        : Amounts.Invariant($"All {c.Destinations} destinations, \"{Seen.Short(c.Destination)}\" among them, are left alone");

    private static string Destination(Seen s) => s.Attempt is null
        ? $"a destination of cluster {Quoted(s.Request.Cluster)}"
        : $"destination \"{Seen.Short(s.Attempt.Destination)}\" (\"{Seen.Short(s.Attempt.DestinationUrl)}\")";

    private static string Loop(Seen s) => s.Attempt is null ? "the destination it was sent to" : $"{s.Where}";

    private static string Fault(Seen s)
    {
        if (string.IsNullOrEmpty(s.Request.GatewayFault)) return "";
        var end = s.Request.GatewayFault.AsSpan().IndexOfAny('\r', '\n');
        return $" ({Seen.Short(end < 0 ? s.Request.GatewayFault : s.Request.GatewayFault[..end])})";
    }

    private static string Errno(Seen s) => s.Attempt?.Errno is { } errno ? $" ({Errnos.Words(errno)}, {Errnos.Symbol(errno)})" : "";
}
