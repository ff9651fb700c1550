using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Hints.Remedies;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>What usually stands behind a cause, less what the hints have named already: said as open, with what would tell.</summary>
internal static class Possibilities
{
    private const int Most = 4;

    public static IReadOnlyList<Possibility> Of(Seen s, IReadOnlyList<Hint> hints, IReadOnlyList<string> checks)
    {
        var found = new List<Possibility>(Most);
        List<string>? shown = null;
        foreach (var (root, guide) in Roots(s, hints))
        {
            shown ??= [.. hints.SelectMany(h => h.Try), .. checks];
            var remedy = RemedyTable.Of(root.Hint);
            var confirm = CommandList.Without([.. remedy.Confirm(s)], shown);
            shown.AddRange(confirm);
            found.Add(new Possibility(root.Hint, guide.Title, root.TellApart, confirm.Count > 0 ? confirm : [Shell.Step("The commands above show it.")], [.. remedy.Fix(s)]));
        }

        return found;
    }

    /// <summary>The same without their commands: what a short form shows.</summary>
    public static IReadOnlyList<OtherReason> Named(Seen s, IReadOnlyList<Hint> hints) => [.. Roots(s, hints).Select(r => new OtherReason(r.Root.Hint, r.Guide.Title))];

    private static IEnumerable<(RootCause Root, HintGuide Guide)> Roots(Seen s, IReadOnlyList<Hint> hints)
    {
        // Where a root cause is proved, guessing on would only lead away from it.
        if (hints.Any(h => h.Confidence == Classification.Confidence.Proved)) yield break;
        var found = 0;
        foreach (var root in CauseGuides.Of(s.Failure.Cause.Id).RootCauses)
        {
            if (found == Most) yield break;
            if (hints.Any(h => h.Id == root.Hint) || !CanBe(s, root.Hint) || !HintGuides.TryGet(root.Hint, out var guide)) continue;
            found++;
            yield return (root, guide);
        }
    }

    /// <summary>What the facts themselves rule out is no possibility.</summary>
    private static bool CanBe(Seen s, string id) => id switch
    {
        "firewall_drop" when s.Attempt is { RequestComplete: true, Tcp: { RequestBytesOnWire: > 0 } tcp } && tcp.RequestBytesAcked >= tcp.RequestBytesOnWire => false,
        "localhost_in_container" => s.Destination.IsLoopback && !s.Destination.IsUnixSocket,
        "localhost_ipv6" => s.Attempt is null || (!s.Destination.IsLiteral && (s.Destination.IsLoopback || s.Attempt.Dns?.Addresses.Any(x => x.Contains(':', StringComparison.Ordinal)) == true)),
        "app_bound_to_loopback" => !s.Destination.IsLoopback,
        "stale_dns" or "name_misspelled" => s.Attempt is null || !s.Destination.IsLiteral,
        "keepalive_race" => s.Attempt?.Reused != false,
        "not_same_network" or "firewall_drop" or "firewall_reject" or "host_down" or "packets_too_large" or "middlebox_cut" => !s.Destination.IsLoopback && !s.Destination.IsUnixSocket,
        "scheme_http_to_https" => s.Attempt?.UsesTls != true,
        "scheme_https_to_http" => s.Attempt?.UsesTls != false,
        "mtls_missing" => s.Attempt is null or { UsesTls: true },
        "upload_limit" => s.Attempt is null or { BodyBytesSent: > 0 } || s.Request.RequestBytes > 0,
        "slow_request" or "worker_pool_full" or "dependency_down" or "app_hung" or "limit_too_low" when IsLost(s) => false,
        _ => true,
    };

    /// <summary>The other machine's kernel did not confirm what was sent, whatever its app does.</summary>
    private static bool IsLost(Seen s) => s.Attempt?.Tcp is { RequestBytesOnWire: > 0, Retransmits: > 0 } tcp && tcp.RequestBytesAcked < tcp.RequestBytesOnWire;
}
