using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Hints.Remedies;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Likely root causes. A rule speaks only when it has positive evidence in the facts or in what stood around them; absence proves nothing.
/// At most three are kept, the surest first, and of the same sureness those the attempt itself shows before those of the surroundings.
/// </summary>
internal static class HintRules
{
    private const int Most = 3;

    public static IReadOnlyList<Hint> Of(Seen s) =>
    [
        .. NameHints.Of(s).Concat(ConnectHints.Of(s)).Concat(TlsHints.Of(s)).Concat(CertificateHints.Of(s)).Concat(ProtocolHints.Of(s))
            .Concat(SizeHints.Of(s)).Concat(TimeHints.Of(s)).Concat(PortHints.Of(s)).Concat(EarlierHints.Of(s)).Concat(GatewayHints.Of(s)).Concat(ContextHints.Of(s))
            .GroupBy(h => h.Id).Select(Joined)
            .OrderBy(h => h.Confidence).Take(Most),
    ];

    /// <summary>A hint whose commands are those of its root cause.</summary>
    public static Hint Hint(Seen s, string id, Confidence confidence, string sentence, params IReadOnlyList<string> evidence)
    {
        var remedy = RemedyTable.Of(id);
        return new(id, confidence, sentence, evidence, [.. remedy.Confirm(s)]) { Fix = [.. remedy.Fix(s)] };
    }

    /// <summary>Two rules that come to the same root cause: the surer one's words, with the evidence of both.</summary>
    private static Hint Joined(IGrouping<string, Hint> same)
    {
        var surest = same.OrderBy(h => h.Confidence).First();
        return same.Count() == 1 ? surest : surest with { Evidence = [.. surest.Evidence, .. same.SelectMany(h => h.Evidence).Except(surest.Evidence)] };
    }
}
