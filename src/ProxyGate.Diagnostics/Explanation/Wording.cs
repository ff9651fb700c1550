using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Findings;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// The words of one diagnosis, each made when it is first asked for and then kept. All of them are pure functions of facts that do not change, so
/// that it does not matter who asks first, when, or whether two do at once.
/// </summary>
internal sealed class Wording(FailureFacts facts, Failure failure, FailureContext? context, InvestigationFacts? investigation)
{
    private Seen Seen => field ??= new Seen(facts, failure, context, investigation);

    private Look? Look => investigation is null ? null : field ??= new Look(Seen, investigation, context);

    private CauseText Cause => field ??= CauseWords.Of(failure.Cause.Id);

    private PublicText Public => field ??= PublicLanguages.Default.Of(PublicWords.KindOf(failure));

    public string Sentence => field ??= Cause.Sentence(Seen);

    public string DoesNotProve => field ??= Cause.DoesNotProve(Seen);

    public string PublicTitle => Public.Title;

    public string PublicSentence => field ??= $"{Public.Sentence} {Public.Advice}";

    public IReadOnlyList<ChainLink> Chain => field ??= Explanation.Chain.Of(Seen);

    public IReadOnlyList<string> Evidence => field ??= EvidenceLines.Of(Seen);

    public IReadOnlyList<Hint> Hints => field ??= FoundHints.Join(HintRules.Of(Seen), Look);

    public IReadOnlyList<string> Checks => field ??= CommandList.Without([.. Cause.Checks(Seen)], Hints.SelectMany(h => h.Try));

    public IReadOnlyList<Possibility> Possibilities => field ??= Explanation.Possibilities.Of(Seen, Hints, Checks);

    public IReadOnlyList<OtherReason> OtherReasons => field ??= Explanation.Possibilities.Named(Seen, Hints);

    public IReadOnlyList<Equivalent> Equivalents => CauseGuides.Of(failure.Cause.Id).Equivalents;

    public IReadOnlyList<string> ContextLines => field ??= ContextWords.Of(Seen);

    public IReadOnlyList<string> Findings => field ??= Look is null ? [] : FindingLines.Of(Look);

    public string? Looked => Look is null ? null : field ??= FindingLines.Looked(Look, context?.Now);

    public IReadOnlyList<string> NotSeen => field ??= Look is null ? [] : FindingLines.NotSeen(Look);

    public string NginxMessage => field ??= NginxWords.Of(Seen);
}
