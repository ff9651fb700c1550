using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the look-up of the name.</summary>
internal static class NameHints
{
    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        if (s.Failure.Cause.Id == CauseId.DnsNotFound && a.Dns is { } dns && !dns.Host.TrimEnd('.').Contains('.', StringComparison.Ordinal))
        {
            yield return Hint(
                s,
                "not_same_network",
                Confidence.Possible,
                $"\"{s.Name}\" looks like the name of a container or service, and ProxyGate may not be on the network where that name exists.",
                $"The name \"{s.Name}\" has no dot in it, as names of Docker and Kubernetes services do, and it does not resolve here");
        }

        if (s.Failure.Cause.Id is CauseId.ConnectRefused or CauseId.ConnectTimeout or CauseId.HostUnreachable or CauseId.StaleConnection && OtherAnswer(s) is { } other)
        {
            yield return Hint(
                s,
                "stale_dns",
                Confidence.Likely,
                $"The name \"{Seen.Short(other.Host)}\" stands for another address now than the one that failed, {Seen.Short(s.Ip)}.",
                $"Another attempt of this same request got {string.Join(", ", other.Addresses.Take(4).Select(Seen.Short))} for that name, and not {Seen.Short(s.Ip)}");
        }
    }

    /// <summary>A look-up of another attempt to the same destination that no longer names the address this attempt used.</summary>
    private static Attempts.DnsFacts? OtherAnswer(Seen s)
    {
        if ((s.Attempt!.Address ?? s.TellingTry?.Address) is null) return null;
        return s.Attempts.Where(o => o.Number > s.Attempt.Number && o.Destination == s.Attempt.Destination && o.DestinationUrl == s.Attempt.DestinationUrl)
            .Select(o => o.Dns).FirstOrDefault(d => d is { Addresses.Count: > 0 } && !d.Addresses.Contains(s.Ip));
    }
}
