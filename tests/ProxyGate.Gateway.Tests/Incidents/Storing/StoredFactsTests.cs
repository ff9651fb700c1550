using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Incidents.Storing;

public sealed class StoredFactsTests
{
    public static TheoryData<string> Causes => [.. ExampleFailures.All.Keys];

    [Theory]
    [MemberData(nameof(Causes))]
    public void A_failure_is_the_same_line_and_the_same_words_when_it_comes_back(string cause)
    {
        var facts = ExampleFailures.All[cause];
        var failure = Classifier.Classify(facts);
        var e = SomeFailure.Event() with { Request = facts.Request, Attempts = facts.Attempts, Diagnosis = Explainer.Explain(facts, failure, SomeFailure.Context("x")), Status = failure.Status, TraceId = new string('a', 32) };

        var back = StoredFacts.Read(StoredFacts.Write(e), FailureEntries.Of(e, "web1"), null)!;

        Assert.Equal(FailureEventJson.ToLine(e), FailureEventJson.ToLine(back));
        Assert.Equal((e.Diagnosis.Sentence, e.Diagnosis.DoesNotProve), (back.Diagnosis.Sentence, back.Diagnosis.DoesNotProve));
        Assert.Equal(e.Diagnosis.Evidence, back.Diagnosis.Evidence);
        Assert.Equal(e.Diagnosis.Checks, back.Diagnosis.Checks);
    }

    [Fact]
    public void Every_fact_comes_back_numbers_that_are_none_and_broken_text_too()
    {
        var e = SomeFailure.Hostile("a\0\ud800b\r\n");
        var back = StoredFacts.Read(StoredFacts.Write(e), FailureEntries.Of(e, "web1"), null)!;
        Assert.Equal(e.Attempts[0].FirstBytes, back.Attempts[0].FirstBytes);
        Assert.True(double.IsNaN(back.Attempts[0].FirstByteMs!.Value));
    }

    [Fact]
    public void A_look_comes_back_whole()
    {
        var look = new InvestigationFacts
        {
            Destination = "app1",
            Address = "127.0.0.1:5000",
            At = SomeFailure.Time,
            DurationMs = 3.5,
            Changes = [new ChangeFacts(SomeFailure.Time, ChangeKind.ConfigReloaded, null, "x")],
            Neighbours = [new NeighbourFacts("app2", true, "connect_refused", SomeFailure.Time)],
            Health = new HealthFacts("/healthz", 503, null, 2),
            NotSeen = [new BlindSpot("a", "b")],
        };
        var written = StoredFacts.Write(look);
        Assert.Equal(written, StoredFacts.Write(StoredFacts.ReadLook(written)!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"Request":{"Method":"GET"},"Attempts":[{"Number":1}]}""")]
    [InlineData("""{"Request":{"Method":"GET","ClientFault":"SomethingNew"},"Attempts":[]}""")]
    public void What_another_version_wrote_is_shown_by_its_line_only(string? json) =>
        Assert.Null(StoredFacts.Read(json, FailureEntries.Of(SomeFailure.Event(), "web1"), null));
}
