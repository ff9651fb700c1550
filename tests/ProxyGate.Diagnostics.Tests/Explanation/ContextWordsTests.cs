using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

public class ContextWordsTests
{
    private static readonly DateTimeOffset Now = SomeContext.Now;

    [Fact]
    public void A_failing_destination_among_good_ones_is_told_in_full() => Assert.Equal(
        [
            "/basket, /, /search and other paths fail, and no other path of this destination has answered since.",
            "Failing since 12:03:04 UTC (2 min 10 s ago), 120 times.",
            "Last good answer from this destination: 12:02:58 UTC, 6 s before the first failure.",
            "The other 2 destinations of cluster \"app\" answer.",
            "17 other requests were saved by another attempt.",
            "Route \"shop\" (proxygate.json:14) sends shop.example/{**rest} here.",
            "The address of destination \"app-1\" is in proxygate.json:31.",
        ],
        Lines("connect_refused", SomeContext.Failing));

    [Fact]
    public void One_failing_path_comes_first() => Assert.Equal(
        "Only /report fails; other paths of this destination answer.",
        Lines("response_timeout", SomeContext.Failing with { Paths = ["/report"], OtherPathsAnswer = true })[0]);

    [Fact]
    public void A_gateway_that_has_just_started_says_that_it_knows_little() => Assert.Equal(
        ["This is the first failure of its kind now.", "This destination has not answered well since ProxyGate started (12 s ago)."],
        Lines("connect_refused", new FailureContext { Now = Now, FirstSeen = Now, Count = 1, GatewayStarted = Now.AddSeconds(-12) }));

    [Fact]
    public void A_place_that_answers_in_between_comes_and_goes() => Assert.Equal(
        ["Failing since 2026-11-23 12:05:14 UTC (24 h ago), 9 times. It answered well 3 times in between: it comes and goes.", "Last good answer from this destination: 12:05:10 UTC, 4 s ago, after the first failure."],
        Lines("connect_timeout", new FailureContext { Now = Now, FirstSeen = Now.AddDays(-1), Count = 9, Recoveries = 3, LastSuccess = Now.AddSeconds(-4) }));

    [Theory]
    [InlineData(1, 0, "The other destination of cluster \"app\", \"d0\", fails as well with connect_refused.")]
    [InlineData(3, 0, "The other 3 destinations of cluster \"app\" fail as well with connect_refused.")]
    [InlineData(0, 1, "The other destination of cluster \"app\", \"d0\", answers.")]
    [InlineData(1, 2, "Of the other 3 destinations of cluster \"app\", 2 answer; \"d0\" fails as well.")]
    public void The_other_destinations_are_told_as_they_are(int failing, int answering, string expected) => Assert.Contains(
        expected,
        Lines("connect_refused", new FailureContext { Now = Now, Neighbours = [.. Enumerable.Range(0, failing + answering).Select(i => new NeighbourState($"d{i}", i < failing ? null : Now, i < failing ? "connect_refused" : null))] }));

    [Fact]
    public void Nothing_is_told_of_what_nobody_knows()
    {
        Assert.Empty(Lines("connect_refused", null));
        Assert.Empty(Lines("connect_refused", new FailureContext { Now = Now }));
    }

    [Fact]
    public void A_clock_that_was_set_back_gives_no_negative_time() =>
        Assert.All(Lines("connect_refused", SomeContext.Failing with { FirstSeen = Now.AddHours(1), LastSuccess = Now.AddHours(2), GatewayStarted = Now.AddHours(3) }), l => Assert.DoesNotContain("-", l.Replace("2026-11-24", "").Replace("app-1", ""), StringComparison.Ordinal));

    private static IReadOnlyList<string> Lines(string example, FailureContext? context) =>
        Explainer.Explain(ExampleFailures.All[example], Classifier.Classify(ExampleFailures.All[example]), context).ContextLines;
}
