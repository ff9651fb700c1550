using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Root causes that show only in what stood around the failure: the same path each time, all destinations at once, a burst of seconds, a
/// place that had answered just before. Patterns, not proofs: never more than likely.
/// </summary>
internal static class ContextHints
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan JustStarted = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(2);
    private const int SeveralPaths = 3;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Context is not { } c || s.Attempt is not { } a || s.Failure.Party == Party.Client) return [];
        return s.Failure.Cause.Id switch
        {
            CauseId.ConnectRefused or CauseId.SocketMissing => Gone(s, c).Concat(Starting(s, c)),
            CauseId.ConnectTimeout when c.Recoveries > 0 => ComesAndGoes(s, c),
            CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.ResponseHeadIncomplete when !a.Reused => OnePath(s, c).Concat(Stopped(s, c)).Concat(NeverAnswered(s, c, a)),
            CauseId.UpstreamErrorPassedThrough when a.UpstreamStatus >= 500 => FailingPath(s, c),
            CauseId.StaleConnection or CauseId.Http2GoawayOrRefused or CauseId.ConnectReset or CauseId.UpgradeBroken => Stopped(s, c),
            CauseId.ResponseTimeout or CauseId.RequestSendTimeout => AllWait(s, c),
            CauseId.DnsTimeout or CauseId.DnsFailed when c.OtherFailingRoutes.Count > 0 => NameServer(s, c),
            _ => [],
        };
    }

    /// <summary>It accepted connections at this very place until a moment ago, so place and port are right.</summary>
    private static IEnumerable<Hint> Gone(Seen s, FailureContext c)
    {
        if (!IsFirst(s, c, out var last, out var first)) yield break;
        if (Neighbours(c) is { } answer && c.Now - first <= Burst && c.Recoveries == 0)
        {
            yield return Hint(s, "deploy_without_drain", Confidence.Possible, "This copy of the app may just have been stopped, for instance by a roll-out, while it still got requests.", Moments(last, first), answer);
        }

        if (c.Count > 1 || c.Now - first >= Burst)
        {
            yield return Hint(
                s,
                "app_down",
                c.Now - first >= Burst ? Confidence.Likely : Confidence.Possible,
                $"The app behind {s.Where} has stopped: it accepted connections there before, and does not any more.",
                Moments(last, first),
                $"It has failed {Amounts.Count(c.Count, "time", "times")} since, over {Amounts.Time((c.Now - first).TotalMilliseconds)}");
        }
        else if (c.Now - last <= Lately)
        {
            yield return Hint(s, "app_down", Confidence.Possible, $"The app behind {s.Where} may have stopped, or be restarting: it accepted connections there until a moment ago.", Moments(last, first));
        }
    }

    private static IEnumerable<Hint> Starting(Seen s, FailureContext c)
    {
        if (c.LastSuccess is not null || c.GatewayStarted is not { } started || c.Now - started is var up && (up < TimeSpan.Zero || up > JustStarted)) yield break;
        yield return Hint(s, "app_starting", Confidence.Possible, "The app may have been started together with ProxyGate and not be ready yet.", $"ProxyGate itself started {Amounts.Time(up.TotalMilliseconds)} ago, and this destination has not answered since");
    }

    private static IEnumerable<Hint> ComesAndGoes(Seen s, FailureContext c)
    {
        var evidence = $"It answered in between, {Amounts.Count(c.Recoveries, "time", "times")}, so the address is right and the way is open";
        yield return Hint(s, "worker_pool_full", Confidence.Possible, "The app may be too busy at times to accept connections.", evidence);
        yield return Hint(s, "conntrack_full", Confidence.Possible, "A firewall's table of connections may be full at times, so that some connections are dropped.", evidence);
    }

    private static IEnumerable<Hint> OnePath(Seen s, FailureContext c)
    {
        if (!IsOnePath(c)) yield break;
        yield return Hint(
            s,
            "app_crashed_on_request",
            c.Count > 1 ? Confidence.Likely : Confidence.Possible,
            $"Something in the app goes wrong with {Seen.Short(c.Paths[0])} itself, so that it ends the connection.",
            Only(c));
    }

    /// <summary>It takes connections and has not said a word yet: then address and port are as open as the app.</summary>
    private static IEnumerable<Hint> NeverAnswered(Seen s, FailureContext c, AttemptFacts a)
    {
        if (s.Failure.Cause.Id == CauseId.ResponseHeadIncomplete || a.DurationMs > AtOnce.TotalMilliseconds || c.LastSuccess is not null || c.OtherPathsAnswer || c.GatewayStarted is not { } started || s.Destination.IsUnixSocket) yield break;
        var evidence = $"It ended the connection at once, and {s.Where} has not answered a single request since ProxyGate started ({Amounts.Ago(c.Now - started)} ago)";
        if (!a.UsesTls) yield return Hint(s, "scheme_http_to_https", Confidence.Possible, $"{s.Where} may expect https: many servers end the connection without a word when they are spoken to in plain http.", evidence);
        yield return Hint(s, "app_protocol_mismatch", Confidence.Possible, $"Something else than a web server may listen at {s.Where}, such as a database.", evidence);
    }

    private static IEnumerable<Hint> FailingPath(Seen s, FailureContext c)
    {
        if (IsOnePath(c))
        {
            yield return Hint(s, "app_bug", Confidence.Likely, $"Something in the app goes wrong with {Seen.Short(c.Paths[0])} itself.", Only(c));
        }
        else if (c.Paths.Count >= SeveralPaths && !c.OtherPathsAnswer)
        {
            yield return Hint(s, "dependency_down", Confidence.Possible, "Something that many pages of the app need, such as its database, may not work.", Many(c));
        }
    }

    /// <summary>Connections ended together, right after good answers, while others go on.</summary>
    private static IEnumerable<Hint> Stopped(Seen s, FailureContext c)
    {
        if (!IsFirst(s, c, out var last, out var first) || c.Now - first > Burst || c.Count < 2 || c.Recoveries > 0 || IsOnePath(c)) yield break;
        var evidence = $"{Amounts.Count(c.Count, "failure", "failures")} within {Amounts.Time((c.Now - first).TotalMilliseconds)}, right after a good answer at {Amounts.Clock(last)}";
        yield return Neighbours(c) is { } answer
            ? Hint(s, "deploy_without_drain", Confidence.Possible, "This copy of the app may just have been stopped, for instance by a roll-out, while it still got requests.", evidence, answer)
            : Hint(s, "restarted", Confidence.Possible, "The app may have been restarted at this moment.", evidence);
    }

    private static IEnumerable<Hint> AllWait(Seen s, FailureContext c)
    {
        if (c.Neighbours.Count > 0 && c.Neighbours.All(n => n.FailingWith == s.Failure.Cause.Id))
        {
            yield return Hint(s, "dependency_down", Confidence.Possible, "Something that all copies of the app share, such as a database, may not answer.", $"All {c.Neighbours.Count + 1} destinations of cluster \"{s.Cluster}\" fail in the same way at the same moment");
        }
        else if (c.Paths.Count >= SeveralPaths && !c.OtherPathsAnswer)
        {
            yield return Hint(s, "worker_pool_full", Confidence.Possible, "All workers of the app may be taken, so that every page waits.", Many(c));
        }
    }

    private static IEnumerable<Hint> NameServer(Seen s, FailureContext c) =>
        [Hint(s, "dns_server_failing", Confidence.Possible, "The name server this machine asks may not work.", $"Other routes fail at the same moment: {string.Join(", ", c.OtherFailingRoutes.Take(4).Select(Seen.Short))}")];

    private static bool IsFirst(Seen s, FailureContext c, out DateTimeOffset last, out DateTimeOffset first)
    {
        (last, first) = (c.LastSuccess ?? default, c.FirstSeen ?? c.Now);
        return c.LastSuccess is not null && last <= first && first <= c.Now && s.Failure.Attempt is not null;
    }

    private static bool IsOnePath(FailureContext c) => c is { OtherPathsAnswer: true, Paths.Count: 1 };

    /// <summary>Evidence that the others answer; absent when one of them fails or none has answered.</summary>
    private static string? Neighbours(FailureContext c) => c.Neighbours.Count > 0 && c.Neighbours.All(n => n is { FailingWith: null, LastSuccess: not null })
        ? c.Neighbours.Count == 1 ? $"The other destination, \"{Seen.Short(c.Neighbours[0].Destination)}\", answers" : Amounts.Invariant($"The other {c.Neighbours.Count} destinations answer")
        : null;

    private static string Moments(DateTimeOffset last, DateTimeOffset first) =>
        $"It answered well until {Amounts.Clock(last)}, and failed from {Amounts.Clock(first)} on";

    private static string Only(FailureContext c) => $"Only {Seen.Short(c.Paths[0])} fails ({Amounts.Count(c.Count, "time", "times")}), while other paths of this destination answer";

    private static string Many(FailureContext c) => $"{string.Join(", ", c.Paths.Take(3).Select(Seen.Short))}{(c.Paths.Count > 3 ? " and others" : "")} fail in the same way, and no other path has answered since";
}
