using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Findings;
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
        var seen = new Seen(facts, failure);
        var words = CauseWords.Of(failure.Cause.Id);
        var look = investigation is null ? null : new Look(seen, investigation);
        var hints = FoundHints.Join(HintRules.Of(seen), look);
        var known = PublicLanguages.Default.Of(PublicWords.KindOf(failure));
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
            Checks = WithoutRepetition([.. words.Checks(seen)], hints),
            Context = context,
            Investigation = investigation,
            Findings = look is null ? [] : FindingLines.Of(look),
            Looked = look is null ? null : FindingLines.Looked(look, context?.Now),
            NotSeen = look is null ? [] : FindingLines.NotSeen(look),
            NginxMessage = NginxWords.Of(seen),
        };
    }

    /// <summary>A command that a hint shows already is left out, with the step that introduces it.</summary>
    private static List<string> WithoutRepetition(IReadOnlyList<string> checks, IReadOnlyList<Hint> hints)
    {
        var kept = new List<string>(checks.Count);
        foreach (var line in checks)
        {
            if (line[0] == '#' || !hints.Any(h => h.Try.Contains(line)))
            {
                kept.Add(line);
            }
            else if (kept.Count > 0 && kept[^1][0] == '#')
            {
                kept.RemoveAt(kept.Count - 1);
            }
        }

        return kept;
    }
}
