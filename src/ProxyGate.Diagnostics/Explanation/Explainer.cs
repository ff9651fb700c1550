using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Puts a verdict into words. Pure, total and deterministic: the same facts give the same words.</summary>
public static class Explainer
{
    public static Diagnosis Explain(FailureFacts facts, Failure failure, FailureContext? context = null, InvestigationFacts? investigation = null)
    {
        ArgumentNullException.ThrowIfNull(facts);
        ArgumentNullException.ThrowIfNull(failure);
        return new Diagnosis(new Wording(facts, failure, context, investigation)) { Failure = failure, Context = context, Investigation = investigation };
    }
}
