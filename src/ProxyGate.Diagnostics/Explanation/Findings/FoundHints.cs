using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>
/// The hints of a failure that was looked into: what the look proves first, then what the attempt itself showed; a guess that the look
/// contradicts is dropped.
/// </summary>
internal static class FoundHints
{
    private const int Most = 3;

    /// <summary>What a finding rules out when it is at least likely.</summary>
    private static readonly Dictionary<string, string[]> s_rulesOut = new()
    {
        ["host_down"] = ["firewall_drop", "firewall_reject", "app_down", "wrong_port"],
        ["no_route"] = ["firewall_drop", "firewall_reject", "host_down"],
        ["firewall_reject"] = ["host_down", "firewall_drop", "app_down", "no_route"],
        ["egress_rule"] = ["firewall_drop", "firewall_reject", "host_down", "no_route"],
        ["packets_lost"] = ["slow_request", "worker_timeout_kill"],
        ["firewall_drop"] = ["host_down", "slow_request"],
        ["worker_pool_full"] = ["firewall_drop", "host_down", "slow_request"],
        ["app_hung"] = ["slow_request", "firewall_drop", "host_down"],
        ["localhost_ipv6"] = ["app_down", "wrong_port", "localhost_in_container"],
        ["app_bound_to_loopback"] = ["app_down", "wrong_port"],
        ["app_bound_elsewhere"] = ["app_down", "wrong_port"],
        ["oom_killed"] = ["keepalive_race", "worker_timeout_kill", "app_crashed_on_request", "crashed"],
        ["crashed"] = ["keepalive_race"],
        ["restarted"] = ["keepalive_race"],
        ["port_taken"] = ["keepalive_race", "app_down", "wrong_port", "app_protocol_mismatch", "app_starting"],
        ["app_down"] = ["keepalive_race"],
        ["worker_timeout_kill"] = ["crashed", "app_crashed_on_request"],
        ["scheme_http_to_https"] = ["worker_timeout_kill", "keepalive_race", "app_crashed_on_request", "app_protocol_mismatch"],
        ["scheme_https_to_http"] = ["tls_settings", "app_protocol_mismatch"],
        ["wrong_port"] = ["app_protocol_mismatch", "scheme_http_to_https", "scheme_https_to_http"],
    };

    /// <summary>What only a proof rules out.</summary>
    private static readonly Dictionary<string, string[]> s_proofRulesOut = new()
    {
        ["app_down"] = ["wrong_port", "app_starting"],
    };

    public static IReadOnlyList<Hint> Join(IReadOnlyList<Hint> fromAttempt, Look? look)
    {
        if (look is null) return fromAttempt;
        var found = Found(look);
        var ruledOut = found.Where(h => h.Confidence != Confidence.Possible).SelectMany(RuledOutBy).ToHashSet();
        if (look.Path?.HostAlive == true) ruledOut.Add("host_down");
        if (look.Path?.HostAlive == false) ruledOut.Add("firewall_reject");
        return
        [
            .. found.Select(h => WithEvidenceOf(h, fromAttempt))
                .Concat(fromAttempt.Where(h => !found.Any(f => f.Id == h.Id) && !(h.Confidence != Confidence.Proved && ruledOut.Contains(h.Id))))
                .OrderBy(h => h.Confidence).Take(Most),
        ];
    }

    /// <summary>The rules' own, the surest first; what a surer one rules out is left out here too.</summary>
    private static List<Hint> Found(Look look)
    {
        var kept = new List<Hint>();
        foreach (var hint in TakenFound.Of(look).Concat(WorkerFound.Of(look)).Concat(DeathFound.Of(look)).Concat(ListenerFound.Of(look)).Concat(ServiceFound.Of(look)).Concat(WaitFound.Of(look))
            .Concat(NameFound.Of(look)).Concat(PathFound.Of(look)).Concat(LimitFound.Of(look)).OrderBy(h => h.Confidence))
        {
            if (kept.Any(k => k.Id == hint.Id || (k.Confidence <= hint.Confidence && k.Confidence != Confidence.Possible && RuledOutBy(k).Contains(hint.Id)))) continue;
            kept.Add(hint);
        }

        return kept;
    }

    private static IEnumerable<string> RuledOutBy(Hint hint) =>
        s_rulesOut.GetValueOrDefault(hint.Id, []).Concat(hint.Confidence == Confidence.Proved ? s_proofRulesOut.GetValueOrDefault(hint.Id, []) : []);

    /// <summary>The attempt's evidence for the same root cause stays with it.</summary>
    private static Hint WithEvidenceOf(Hint found, IReadOnlyList<Hint> fromAttempt) =>
        fromAttempt.FirstOrDefault(h => h.Id == found.Id) is { } guess ? found with { Evidence = [.. found.Evidence, .. guess.Evidence.Except(found.Evidence)] } : found;
}
