using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Words;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Puts a verdict into words. Pure, total and deterministic: the same facts give the same words.</summary>
public static class Explainer
{
    public static Diagnosis Explain(FailureFacts facts, Failure failure)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(failure);
        var seen = new Seen(facts, failure);
        var words = CauseWords.Of(failure.Cause.Id);
        return new Diagnosis
        {
            Failure = failure,
            Sentence = words.Sentence(seen),
            DoesNotProve = words.DoesNotProve(seen),
            PublicTitle = failure.Cause.Title,
            PublicSentence = PublicWords.Of(failure),
            Chain = Chain.Of(seen),
            Evidence = EvidenceLines.Of(seen),
            Hints = HintRules.Of(seen),
            Checks = [.. words.Checks(seen)],
            NginxMessage = NginxWords.Of(seen),
        };
    }
}
