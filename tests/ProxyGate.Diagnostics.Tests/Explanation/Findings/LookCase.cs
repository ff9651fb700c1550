using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Tests.Explanation.Findings;

/// <summary>A failure, what a look after it saw, and what must come of the two.</summary>
/// <param name="Failure">The name of the failure in <see cref="ExampleFailures"/>.</param>
/// <param name="Look">What was seen.</param>
/// <param name="Hint">The id of the first hint.</param>
/// <param name="Confidence">Its confidence.</param>
/// <param name="Cause">The refined cause; absent when it stays.</param>
internal sealed record LookCase(string Failure, InvestigationFacts Look, string Hint, Confidence Confidence, string? Cause = null)
{
    public static readonly DateTimeOffset FailedAt = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    public Failure Observed { get; } = ExampleFailures.Verdict(Failure);

    public Failure Refined => Classifier.Refine(Observed, Look, FailedAt);

    public Diagnosis Diagnosis => Explainer.Explain(
        ExampleFailures.All[Failure], Refined, new FailureContext { Now = FailedAt }, Look);
}
