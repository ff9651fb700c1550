using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>ProxyGate itself: its configuration, its checks, its own life.</summary>
internal static class GatewayRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["route_missing"] = new(
            s => [CheckConfig(s), Step($"Compare the Hosts and Path of every route under ReverseProxy:Routes with host \"{Seen.Short(s.Request.Host)}\" and path \"{Seen.Short(s.Request.Path)}\".")],
            s => [Step("Add a route for it, or widen one: \"/api/{**rest}\" matches /api/ and everything below it, \"{**catch-all}\" everything. ProxyGate takes the changed file over by itself."), CheckConfig(s)]),
        ["destinations_missing"] = new(
            s => [CheckConfig(s)],
            s => [Step($"Add an address under ReverseProxy:Clusters:{s.Cluster}:Destinations, or correct the cluster's name in route \"{Seen.Short(s.Request.Route ?? "<route>")}\"."), CheckConfig(s)]),
        ["config_mistake"] = new(
            s => [Step("Every mistake of the configuration, with file and line:"), CheckConfig(s), Step("Was it changed just before?"), $"ls -l {Shell.Operand(s.ConfigFile)}"],
            s => [Step("Undo the last change, or correct the line named. ProxyGate takes the changed file over by itself, whole or not at all."), CheckConfig(s)]),
        ["health_path"] = new(
            s =>
            [
                Step("Which path does the check ask for? See HealthCheck:Active:Path of the cluster:"),
                $"grep -n -A 8 HealthCheck {Shell.Operand(s.ConfigFile)}",
                .. s.Attempt is null
                    ? [Step("What does the app answer to it? (the app's address in place of APP, the check's path in place of /health)"), "curl -s -o /dev/null -w '%{http_code}\\n' --max-time 10 http://APP/health"]
                    : new[] { Step("What does the app answer to a request?"), Checks.Curl(s) },
            ],
            s => [Step($"Set ReverseProxy:Clusters:{s.Cluster}:HealthCheck:Active:Path to a path that answers 200 without a sign-in."), CheckConfig(s)]),
        ["rule_matches"] = new(
            s => [Step("Which rules are there, and what was refused?"), "proxygate events --since 1h"],
            s => [Step("If this visitor should get in, widen the rule that the sentence above names."), CheckConfig(s)]),
        ["gateway_restarted"] = new(
            s => ["systemctl status proxygate", "journalctl -u proxygate --since '-10 min' --no-pager", "docker ps -a --filter name=proxygate", "kubectl get pods -A | grep -F proxygate"],
            s => [Step("If nobody meant to stop it, its log says who did. For restarts without a gap, run two of them behind one address.")]),
        ["gateway_bug"] = new(
            s => [.. s.Attempt is null ? [] : new[] { Step("Does the app answer right without ProxyGate?"), Checks.Curl(s) }, "proxygate events --since 10m"],
            s => [Step("Please report it with this page's Markdown: it holds what is needed and no secrets.")]),
    };
}
