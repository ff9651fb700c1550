using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>What stood around the failure, in plain sentences, the most telling first. Nothing is said of what nobody has seen.</summary>
internal static class ContextWords
{
    private const int MostNames = 4;
    private static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<string> Of(Seen s) => s.Context is not { } c ? [] :
    [
        .. new[] { Where(s, c), Since(c), LastAnswer(s, c), Others(s, c), Routes(c), Saved(c), Route(s, c), Destination(s, c), Started(c) }.OfType<string>(),
    ];

    /// <summary>Whether it is one path or the whole destination: what a person needs to know first.</summary>
    private static string? Where(Seen s, FailureContext c) => c.Paths.Count switch
    {
        1 when c.OtherPathsAnswer => $"Only {Seen.Short(c.Paths[0])} fails; other paths of this destination answer.",
        > 1 when c.OtherPathsAnswer => $"{Paths(c)} fail; other paths of this destination answer.",
        > 1 when s.Attempt is not null => $"{Paths(c)} fail, and no other path of this destination has answered since.",
        > 1 => $"{Paths(c)} fail in the same way.",
        _ => null,
    };

    private static string? Since(FailureContext c)
    {
        if (c.FirstSeen is not { } first || c.Count < 1) return null;
        if (c.Count == 1) return "This is the first failure of its kind now.";
        var ago = c.Now - first;
        var times = $"{Amounts.Count(c.Count, "time", "times")}";
        var again = c.Recoveries > 0 ? $" It answered well {Amounts.Count(c.Recoveries, "time", "times")} in between: it comes and goes." : "";
        return $"Failing since {Amounts.Clock(first, c.Now)} ({Amounts.Ago(ago)} ago), {times}.{again}";
    }

    private static string? LastAnswer(Seen s, FailureContext c)
    {
        if (s.Attempt is null && c.LastSuccess is null) return null;
        if (c.LastSuccess is not { } last)
        {
            return c.GatewayStarted is { } started
                ? $"This destination has not answered well since ProxyGate started ({Amounts.Ago(c.Now - started)} ago)."
                : null;
        }

        var first = c.FirstSeen ?? c.Now;
        return last <= first
            ? $"Last good answer from this destination: {Amounts.Clock(last, c.Now)}, {Amounts.Ago(first - last)} before the first failure."
            : $"Last good answer from this destination: {Amounts.Clock(last, c.Now)}, {Amounts.Ago(c.Now - last)} ago, after the first failure.";
    }

    private static string? Others(Seen s, FailureContext c)
    {
        var all = c.Neighbours.Count;
        if (all == 0) return null;
        var failing = c.Neighbours.Where(n => n.FailingWith is not null).ToArray();
        var answering = c.Neighbours.Count(n => n is { FailingWith: null, LastSuccess: not null });
        var cluster = $"of cluster \"{s.Cluster}\"";
        if (failing.Length == all)
        {
            var same = failing.All(n => n.FailingWith == failing[0].FailingWith) ? $" with {Named(failing[0].FailingWith!)}" : "";
            return all == 1 ? $"The other destination {cluster}, \"{Seen.Short(failing[0].Destination)}\", fails as well{same}." : Amounts.Invariant($"The other {all} destinations {cluster} fail as well{same}.");
        }

        if (answering == all) return all == 1 ? $"The other destination {cluster}, \"{Seen.Short(c.Neighbours[0].Destination)}\", answers." : Amounts.Invariant($"The other {all} destinations {cluster} answer.");
        if (failing.Length == 0 && answering == 0) return all == 1 ? $"The other destination {cluster} has not been asked yet." : Amounts.Invariant($"The other {all} destinations {cluster} have not been asked yet.");
        var parts = new List<string>();
        if (answering > 0) parts.Add(Amounts.Invariant($"{answering} {(answering == 1 ? "answers" : "answer")}"));
        if (failing.Length > 0) parts.Add($"{string.Join(", ", failing.Take(MostNames).Select(n => $"\"{Seen.Short(n.Destination)}\""))} {(failing.Length == 1 ? "fails" : "fail")} as well");
        if (all - answering - failing.Length is > 0 and var unasked) parts.Add(Amounts.Invariant($"{unasked} {(unasked == 1 ? "has" : "have")} not been asked yet"));
        return Amounts.Invariant($"Of the other {all} destinations {cluster}, {string.Join("; ", parts)}.");
    }

    private static string? Routes(FailureContext c) => c.OtherFailingRoutes.Count == 0 ? null
        : $"Other routes fail now, too: {string.Join(", ", c.OtherFailingRoutes.Take(MostNames).Select(r => $"\"{Seen.Short(r)}\""))}{(c.OtherFailingRoutes.Count > MostNames ? Amounts.Invariant($" and {c.OtherFailingRoutes.Count - MostNames} more") : "")}.";

    private static string? Saved(FailureContext c) => c.Saved <= 0 ? null
        : c.Saved == 1 ? "1 other request was saved by another attempt." : Amounts.Invariant($"{c.Saved:#,0} other requests were saved by another attempt.");

    private static string? Route(Seen s, FailureContext c)
    {
        if (s.Request.Route is null || s.Failure.Cause.Id == CauseId.RouteNotFound) return null;
        var place = c.RouteSource is { Length: > 0 } line ? $" ({Seen.Short(line)})" : "";
        return c.RouteMatch is { Length: > 0 } match
            ? $"Route \"{Seen.Short(s.Request.Route)}\"{place} sends {Seen.Short(match)} here."
            : place.Length > 0 ? $"Route \"{Seen.Short(s.Request.Route)}\"{place} sent this request here." : null;
    }

    private static string? Destination(Seen s, FailureContext c) => (s.Attempt?.Destination ?? s.Request.OpenCircuit?.Destination) is not { } id || string.IsNullOrEmpty(c.DestinationSource) ? null
        : $"The address of destination \"{Seen.Short(id)}\" is in {Seen.Short(c.DestinationSource)}.";

    /// <summary>How far back all of this goes, where that is not far.</summary>
    private static string? Started(FailureContext c) => c.GatewayStarted is { } started && c.LastSuccess is not null && c.Now - started is var up && up >= TimeSpan.Zero && up <= JustStarted
        ? c.FirstSeen < started ? $"ProxyGate started {Amounts.Ago(up)} ago; what it knows of the time before is what it had stored." : $"ProxyGate started {Amounts.Ago(up)} ago and knows nothing of the time before."
        : null;

    private static string Paths(FailureContext c)
    {
        var shown = c.Paths.Take(3).Select(Seen.Short).ToArray();
        return c.Paths.Count > 3 ? $"{string.Join(", ", shown)} and other paths" : $"{string.Join(", ", shown[..^1])} and {shown[^1]}";
    }

    private static string Named(string cause) => CauseCatalogue.TryGet(cause, out var known) ? known.Id : "another cause";
}
