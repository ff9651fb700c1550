using System.Runtime.CompilerServices;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Tests.Events;

namespace ProxyGate.Diagnostics.Tests.Explanation.Findings;

public sealed class FindingTests
{
    public static TheoryData<string> Cases => [.. LookCases.All.Keys];

    public static TheoryData<string> Failures => [.. ExampleFailures.Names];

    [Theory, MemberData(nameof(Cases))]
    public void The_first_hint_is_what_the_look_proves(string name)
    {
        var (known, first) = (LookCases.All[name], LookCases.All[name].Diagnosis.Hints[0]);
        Assert.Equal((known.Hint, known.Confidence), (first.Id, first.Confidence));
        Assert.All(first.Evidence, e => Assert.False(string.IsNullOrWhiteSpace(e)));
        Assert.NotEmpty(first.Evidence);
        Assert.NotEmpty(first.Try);
        Assert.NotEmpty(first.Fix);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_cause_is_refined_by_positive_evidence_only(string name)
    {
        var known = LookCases.All[name];
        Assert.Equal(known.Cause ?? known.Observed.Cause.Id, known.Refined.Cause.Id);
        Assert.Equal(known.Observed.Stage, known.Refined.Stage);
        Assert.Equal(known.Observed.Retry, known.Refined.Retry);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_hint_has_a_guide(string name) =>
        Assert.All(LookCases.All[name].Diagnosis.Hints, h => Assert.True(HintGuides.TryGet(h.Id, out _), h.Id));

    /// <summary>Set PROXYGATE_APPROVE=1 to write the files anew; then read every changed line.</summary>
    [Theory, MemberData(nameof(Cases))]
    public void The_words_of_every_finding_are_as_approved(string name)
    {
        var file = Path.Combine(Folder(), "Approved", name + ".md");
        var actual = Render(name, LookCases.All[name].Diagnosis);
        if (Environment.GetEnvironmentVariable("PROXYGATE_APPROVE") == "1") File.WriteAllText(file, actual);
        Assert.True(File.Exists(file), $"{file} is missing: run once with PROXYGATE_APPROVE=1 and read it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task Every_finding_is_an_event_of_the_schema(string name)
    {
        var known = LookCases.All[name];
        var line = FindingEventJson.ToLine(new FindingEvent
        {
            Time = LookCase.FailedAt,
            Incident = "inc-2b5c-9dkw",
            FailureId = "k7mq-3f9x",
            Route = "shop",
            Cluster = "app",
            Cause = known.Observed.Cause,
            Diagnosis = known.Diagnosis,
        });
        Assert.DoesNotContain('\n', line);
        await EventLineSchema.AssertValidFindingAsync(line);
    }

    [Theory, MemberData(nameof(Failures))]
    public void A_look_that_saw_nothing_changes_nothing(string name)
    {
        var (facts, failure) = (ExampleFailures.All[name], ExampleFailures.Verdict(name));
        var nothing = new InvestigationFacts { Destination = "app-1", Address = "10.0.0.5:8080", At = LookCase.FailedAt, DurationMs = 1 };
        Assert.Same(failure, Classifier.Refine(failure, nothing, LookCase.FailedAt));
        var (without, with) = (Explainer.Explain(facts, failure), Explainer.Explain(facts, failure, null, nothing));
        Assert.Equal(without.Hints.Select(h => (h.Id, h.Confidence)), with.Hints.Select(h => (h.Id, h.Confidence)));
        Assert.Empty(with.Findings);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_look_at_another_destination_refines_nothing(string name)
    {
        var known = LookCases.All[name];
        Assert.Same(known.Observed, Classifier.Refine(known.Observed, known.Look with { Destination = "app-2" }, LookCase.FailedAt));
    }

    [Fact]
    public void An_end_outside_the_window_is_not_this_failures()
    {
        var known = LookCases.All["oom_killed"];
        var old = known.Look with { Death = known.Look.Death! with { At = LookCase.FailedAt.AddSeconds(-30) } };
        Assert.Equal(CauseId.UpstreamClosedWithoutResponse, Classifier.Refine(known.Observed, old, LookCase.FailedAt).Cause.Id);
    }

    [Fact]
    public void An_answer_that_was_passed_on_keeps_its_status()
    {
        var known = LookCases.All["oom_killed"];
        var begun = known.Observed with { Status = 200 };
        var refined = Classifier.Refine(begun, known.Look, LookCase.FailedAt);
        Assert.Equal((CauseId.UpstreamOomKilled, 200, Party.UpstreamProcess), (refined.Cause.Id, refined.Status, refined.Party));
    }

    private static string Render(string name, Diagnosis d)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(name).Append(" after ").Append(LookCases.All[name].Failure).Append("\n\nCause: ").Append(d.Failure.Cause.Id).Append("\n\n").Append(d.Sentence).Append("\n\n");
        text.Append(d.Looked).Append("\n\n");
        foreach (var line in d.Findings) text.Append("- ").Append(line).Append('\n');
        foreach (var hint in d.Hints)
        {
            text.Append("\nHint ").Append(hint.Id).Append(" (").Append(hint.Confidence).Append("): ").Append(hint.Sentence).Append('\n');
            foreach (var line in hint.Evidence) text.Append("- because: ").Append(line).Append('\n');
            foreach (var line in hint.Try) text.Append("    ").Append(line).Append('\n');
            if (hint.Fix.Count > 0) text.Append("  fix:\n");
            foreach (var line in hint.Fix) text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
