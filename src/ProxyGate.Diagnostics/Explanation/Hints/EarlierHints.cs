using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Root causes that were found of the failures before, for who was not sent anywhere because of them. Each says when it was found and of which
/// failure: it is told as what was known then, not as what is so now.
/// </summary>
internal static class EarlierHints
{
    private const int MostDestinations = 4;

    public static IEnumerable<Hint> Of(Seen s) => s.Failure.Cause.Id is CauseId.CircuitOpen or CauseId.NoHealthyDestination && s.Context is { Before.Count: > 0 } c
        ? c.Before.Take(MostDestinations).SelectMany(b => b.Hints.Select(h => AsOfThen(h, b, c.Now)))
        : [];

    private static Hint AsOfThen(Hint hint, EarlierFailure before, DateTimeOffset now) => hint with
    {
        Sentence = $"Found at {Amounts.Clock(before.FoundAt, now)}: {hint.Sentence}",
        Evidence = [Origin(before, now), .. hint.Evidence],
    };

    private static string Origin(EarlierFailure before, DateTimeOffset now)
    {
        var look = before.LookedAt is { } at ? $", by a look at {Amounts.Clock(at, now)}" : "";
        var since = before.IsOutdated ? "; it may have changed since" : "; no good answer has come from there since";
        return $"Known from failure {Seen.Short(before.FailureId)} of destination \"{Seen.Short(before.Destination)}\" at {Amounts.Clock(before.At, now)} ({Seen.Short(before.Cause)}){look}{since}";
    }
}
