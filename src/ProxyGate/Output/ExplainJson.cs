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
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // For a terminal or a file, not for a page: quotes and dashes stay as they are. Control characters are escaped all the same.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string List() => JsonSerializer.Serialize(
        new
        {
            Schema = "proxygate.explain/1",
            Causes = CauseCatalogue.All.Select(c => new
            {
                c.Id,
                c.Title,
                Stage = ContractNames.Of(c.Stage),
                Party = ContractNames.Of(c.Party),
                c.Status,
                CauseGuides.Of(c.Id).Meaning,
                RootCauses = CauseGuides.Of(c.Id).RootCauses.Select(r => r.Hint),
            }),
            Hints = HintGuides.All.Select(h => new { h.Id, h.Title, h.Meaning }),
        },
        s_options);

    public static string Search(string query, GuideSearchResult result)
    {
        var best = result.Matches is [var first, ..] ? first : null;
        return JsonSerializer.Serialize(
            new
            {
                Schema = "proxygate.explain/1",
                Query = query,
                Matches = result.Matches.Select(m => new { Kind = KindOf(m), m.Id, Strength = JsonNamingPolicy.SnakeCaseLower.ConvertName(m.Strength.ToString()), m.Why }),
                result.Nearest,
                Cause = best is { Kind: GuideKind.Cause } ? Cause(GuidePages.OfCause(best.Id)) : null,
                Hint = best is { Kind: GuideKind.Hint } ? Hint(GuidePages.OfHint(best.Id)) : null,
            },
            s_options);
    }

    private static string KindOf(GuideMatch match) => match.Kind == GuideKind.Cause ? "cause" : "hint";

    private static object Cause(CausePage p) => new
    {
        p.Cause.Id,
        p.Cause.Title,
        Stage = ContractNames.Of(p.Cause.Stage),
        Party = ContractNames.Of(p.Cause.Party),
        p.Cause.Status,
        ProxyStatus = p.Cause.ProxyError,
        p.Cause.Retryable,
        p.Cause.RetryAfterSeconds,
        p.Guide.Meaning,
        Example = p.Example.Sentence,
        p.Example.DoesNotProve,
        p.Example.Checks,
        RootCauses = p.RootCauses.Select(r => new { r.Guide.Id, r.Guide.Title, r.Guide.Meaning, r.TellApart, r.Confirm, r.Fix }),
        Equivalents = p.Guide.Equivalents.Select(e => new { e.System, e.Message, e.Difference }),
    };

    private static object Hint(HintPage p) => new { p.Guide.Id, p.Guide.Title, p.Guide.Meaning, p.Guide.Evidence, p.Confirm, p.Fix, p.Causes };
}
