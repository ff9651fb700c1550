using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Findings;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Puts a verdict into words. Pure, total and deterministic: the same facts give the same words.</summary>
public static class Explainer
{
    public static Diagnosis Explain(FailureFacts facts, Failure failure, FailureContext? context = null, InvestigationFacts? investigation = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(failure);
        var seen = new Seen(facts, failure, context, investigation);
        var words = CauseWords.Of(failure.Cause.Id);
        var look = investigation is null ? null : new Look(seen, investigation, context);
        var hints = FoundHints.Join(HintRules.Of(seen), look);
        var known = PublicLanguages.Default.Of(PublicWords.KindOf(failure));
        var checks = CommandList.Without([.. words.Checks(seen)], hints.SelectMany(h => h.Try));
        return new Diagnosis
        {
            Failure = failure,
            Sentence = words.Sentence(seen),
            DoesNotProve = words.DoesNotProve(seen),
            PublicTitle = known.Title,
            PublicSentence = $"{known.Sentence} {known.Advice}",
            Chain = Chain.Of(seen),
            Evidence = EvidenceLines.Of(seen),
            Hints = hints,
            Checks = checks,
            Possibilities = Possibilities.Of(seen, hints, checks),
            Equivalents = CauseGuides.Of(failure.Cause.Id).Equivalents,
            Context = context,
            ContextLines = ContextWords.Of(seen),
            Investigation = investigation,
            Findings = look is null ? [] : FindingLines.Of(look),
            Looked = look is null ? null : FindingLines.Looked(look, context?.Now),
            NotSeen = look is null ? [] : FindingLines.NotSeen(look),
            NginxMessage = NginxWords.Of(seen),
        };
    }
}
