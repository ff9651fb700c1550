using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Guides.Search;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Output;

/// <summary>
/// The manual for programs, "proxygate.explain/1". A search: <c>query</c>, <c>matches</c> [{kind, id, strength, why}], <c>nearest</c> [id],
/// and the best match whole as <c>cause</c> or <c>hint</c> (null where there is none). The list: <c>causes</c>, <c>hints</c>. Properties are only ever added.
/// </summary>
internal static class ExplainJson
{
    // For a terminal or a file, not for a page: quotes and dashes stay as they are. Control characters are escaped all the same.
    private static readonly ExplainJsonTypes s_types = new(new JsonSerializerOptions(ExplainJsonTypes.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string List() => JsonSerializer.Serialize(
        new ExplainedList(
            [.. CauseCatalogue.All.Select(c => new ListedCause(
                c.Id, c.Title, ContractNames.Of(c.Stage), ContractNames.Of(c.Party), c.Status, CauseGuides.Of(c.Id).Meaning, [.. CauseGuides.Of(c.Id).RootCauses.Select(r => r.Hint)]))],
            [.. HintGuides.All.Select(h => new ListedHint(h.Id, h.Title, h.Meaning))]),
        s_types.ExplainedList);

    public static string Search(string query, GuideSearchResult result)
    {
        var best = result.Matches is [var first, ..] ? first : null;
        return JsonSerializer.Serialize(
            new ExplainedSearch(
                query,
                [.. result.Matches.Select(m => new ExplainedMatch(KindOf(m), m.Id, JsonNamingPolicy.SnakeCaseLower.ConvertName(m.Strength.ToString()), m.Why))],
                result.Nearest,
                best is { Kind: GuideKind.Cause } ? Cause(GuidePages.OfCause(best.Id)) : null,
                best is { Kind: GuideKind.Hint } ? Hint(GuidePages.OfHint(best.Id)) : null),
            s_types.ExplainedSearch);
    }

    private static string KindOf(GuideMatch match) => match.Kind == GuideKind.Cause ? "cause" : "hint";

    private static ExplainedCause Cause(CausePage p) => new(
        p.Cause.Id, p.Cause.Title, ContractNames.Of(p.Cause.Stage), ContractNames.Of(p.Cause.Party), p.Cause.Status, p.Cause.ProxyError, p.Cause.Retryable, p.Cause.RetryAfterSeconds,
        p.Guide.Meaning, p.Example.Sentence, p.Example.DoesNotProve, p.Example.Checks,
        [.. p.RootCauses.Select(r => new ExplainedRootCause(r.Guide.Id, r.Guide.Title, r.Guide.Meaning, r.TellApart, r.Confirm, r.Fix))], p.Guide.Equivalents);

    private static ExplainedHint Hint(HintPage p) => new(p.Guide.Id, p.Guide.Title, p.Guide.Meaning, p.Guide.Evidence, p.Confirm, p.Fix, p.Causes);
}
