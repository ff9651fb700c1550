using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The visitor's side.</summary>
internal static class ClientRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["client_left"] = new(
            s => [Step("How often does it happen, and where?"), "proxygate events --since 1h --cause client_disconnected"],
            s => [Step("Nothing needs mending. If many leave on the same page, it may be too slow for them.")]),
        ["client_timeout"] = new(
            s => [Step("Does it happen after the same time each time?"), "proxygate events --since 1h --cause client_disconnected", .. s.Attempt is null ? [] : new[] { Step("How long does the app take?"), Checks.SlowCurl(s) }],
            s => [Step("Raise the time limit of that program, or of the load balancer in front of ProxyGate, or make the request faster.")]),
        ["client_slow"] = new(
            s => [Step("Is it rare, and from many addresses?"), "proxygate events --since 1h"],
            s =>
            [
                s.Failure.Cause.Id == CauseId.ClientReadTimeout
                    ? Step($"Nothing needs mending on this side. Where large downloads over slow lines are usual, raise {Setting(s, "Timeouts:Total")} (now {s.Limit}), or set it to null for that route.")
                    : Step("Nothing needs mending on this side. Where large uploads over slow lines are usual, raise ProxyGate:Limits:RequestBodyIdle."),
            ]),
        ["client_bug"] = new(
            s => [Step("Is it one program or one address each time?"), "proxygate events --since 1h"],
            s => [Step(s.Failure.Cause.Id == CauseId.ClientReadTimeout ? "Whoever runs that program must mend it: it has to read what it asks for." : "Whoever runs that program must mend it; the evidence shows what it sent.")]),
        ["scanner"] = new(
            s => [Step("From which addresses, and for which paths?"), "proxygate events --since 1h"],
            s => [Step("Nothing needs mending: it was refused.")]),
        ["shared_address"] = new(
            s => [Step("Is it the address of your own load balancer or proxy?"), "proxygate events --since 1h"],
            s => [Step("If it is, name it under ProxyGate:TrustedProxies: then each visitor counts alone. If it is an office, give it a higher limit."), CheckConfig(s)]),
    };
}
