using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Names;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>What the name servers said, in sentences.</summary>
internal static class NameWords
{
    public static IReadOnlyList<string> Of(NamesSeen names, ChangeFacts? change)
    {
        var seen = new List<string>();
        if (change is not null) seen.Add($"the answer changed: it was {change.Before} when it last worked, now it is {change.After}");
        foreach (var server in names.Answers.GroupBy(a => a.Server)) seen.AddRange(OfServer(server.Key, [.. server]));
        return seen;
    }

    /// <summary>Whether servers contradict each other, or one of them does not do its work.</summary>
    public static bool Differ(IReadOnlyList<NameAnswerFacts> answers) =>
        answers.Any(a => a.Outcome is not (NameOutcome.Answered or NameOutcome.NoData))
        || answers.GroupBy(a => a.Type).Any(type => type.Select(a => string.Join(' ', a.Addresses.Order(StringComparer.Ordinal))).Distinct().Count() > 1);

    private static IEnumerable<string> OfServer(string server, IReadOnlyList<NameAnswerFacts> answers)
    {
        if (server == NameLook.HostsFile)
        {
            yield return $"{server} gives {string.Join(", ", answers.SelectMany(a => a.Addresses))}; the name servers are not asked";
            yield break;
        }

        if (answers.SelectMany(a => a.Addresses).ToList() is { Count: > 0 } addresses)
        {
            var alias = answers.FirstOrDefault(a => a.Alias is not null)?.Alias;
            yield return $"{server} answers {string.Join(", ", addresses)}" + (alias is null ? "" : $" (an alias of {alias})");
        }

        foreach (var group in answers.Where(a => a.Outcome != NameOutcome.Answered).GroupBy(a => a.Outcome))
        {
            // A name with addresses of one family only is the usual case.
            if (group.Key == NameOutcome.NoData && group.Count() < answers.Count) continue;
            var detail = group.FirstOrDefault(a => a.Detail is not null)?.Detail;
            yield return $"{server} {Words(group.Key, group.First().Asked)}" + (detail is null ? "" : $" ({detail})");
        }
    }

    private static string Words(NameOutcome outcome, string? asked) => outcome switch
    {
        NameOutcome.NxDomain => $"says that {asked} does not exist (NXDOMAIN)",
        NameOutcome.NoData => $"knows {asked}, but has no address for it",
        NameOutcome.ServFail => "says that it failed to find out (SERVFAIL)",
        NameOutcome.Refused => "refuses to answer this machine (REFUSED)",
        NameOutcome.TimedOut => "gave no answer in time",
        NameOutcome.Malformed => "gave an answer that cannot be read",
        NameOutcome.Unreachable => "cannot be asked",
        _ => "answered",
    };
}
