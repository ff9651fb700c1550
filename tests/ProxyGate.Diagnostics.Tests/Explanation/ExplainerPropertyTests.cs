using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Tests.Classification;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>Facts and surroundings nobody thought of: there are always words, and never too many.</summary>
public sealed class ExplainerPropertyTests
{
    private const int MostText = 64 * 1024;

    [Property(MaxTest = 1000, Arbitrary = [typeof(AnyFacts), typeof(AnyContext)])]
    public bool Any_facts_in_any_surroundings_get_words_of_bounded_length(FailureFacts facts, FailureContext context) =>
        IsBounded(Explainer.Explain(facts, Classifier.Classify(facts), context));

    [Property(MaxTest = 500, Arbitrary = [typeof(AnyFacts), typeof(AnyContext)])]
    public bool Any_cause_gets_words_for_any_facts(FailureFacts facts, FailureContext context, int pick)
    {
        var cause = CauseCatalogue.All[Math.Abs(pick % CauseCatalogue.All.Count)];
        var failure = new Failure(cause, cause.Stage, cause.Party, cause.Status, RetryAdvice.No, Confidence.Possible, facts.Attempts.Count > 0 ? facts.Attempts[^1] : null, []);
        return IsBounded(Explainer.Explain(facts, failure, context));
    }

    private static bool IsBounded(Diagnosis d)
    {
        string[] all =
        [
            d.Sentence, d.DoesNotProve, .. d.Checks, .. d.ContextLines, .. d.Hints.SelectMany(h => h.Evidence.Concat(h.Try).Concat(h.Fix).Append(h.Sentence)),
            .. d.Possibilities.SelectMany(p => p.Confirm.Concat(p.Fix).Append(p.Title)),
        ];
        return d.Sentence.Length > 0 && d.Hints.Count <= 3 && d.Possibilities.Count <= 4 && d.ContextLines.Count <= 9
            && d.Hints.All(h => h.Evidence.Count > 0 && h.Try.Count > 0)
            && all.Sum(t => t.Length) < MostText && !all.Any(t => t.Any(char.IsControl));
    }
}

/// <summary>Random surroundings, with clocks that disagree and texts that are hostile.</summary>
public static class AnyContext
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static Arbitrary<FailureContext> FailureContext() => Arb.From(
        from first in Moment()
        from last in Moment()
        from started in Moment()
        from count in Gen.Elements(0L, 1, 2, 1000, -1, long.MaxValue)
        from recoveries in Gen.Elements(0, 1, 7, int.MaxValue)
        from paths in Text().ListOf()
        from routes in Text().ListOf()
        from neighbours in Neighbour().ListOf()
        from others in Gen.Elements(true, false)
        from source in Gen.Elements<string?>(null, "", "proxygate.json:14", "-c:1", "a\nb:x", new string('x', 5000))
        select new FailureContext
        {
            Now = Now,
            FirstSeen = first,
            LastSuccess = last,
            GatewayStarted = started,
            Count = count,
            Recoveries = recoveries,
            Paths = [.. paths.Take(8)],
            OtherFailingRoutes = [.. routes.Take(8)],
            Neighbours = [.. neighbours],
            OtherPathsAnswer = others,
            RouteSource = source,
            RouteMatch = source,
            DestinationSource = source,
            Saved = count,
        });

    private static Gen<DateTimeOffset?> Moment() => Gen.Elements<DateTimeOffset?>(null, Now, Now.AddSeconds(-3), Now.AddMinutes(-5), Now.AddDays(-40), Now.AddHours(2), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static Gen<string> Text() => Gen.Elements("/", "/report", "", "a\r\nb\0", "\u202e", new string('y', 3000), "'; rm -rf /");

    private static Gen<NeighbourState> Neighbour() =>
        from name in Text()
        from last in Moment()
        from cause in Gen.Elements<string?>(null, "connect_refused", "response_timeout", "no_such_cause")
        select new NeighbourState(name, last, cause);
}
