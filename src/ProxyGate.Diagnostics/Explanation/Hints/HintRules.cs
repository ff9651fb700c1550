using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Likely root causes. A rule speaks only when it has positive evidence in the facts; absence proves nothing. At most three are kept,
/// the surest first.
/// </summary>
internal static class HintRules
{
    private const int Most = 3;

    public static IReadOnlyList<Hint> Of(Seen s) =>
    [
        .. ConnectHints.Of(s).Concat(TlsHints.Of(s)).Concat(ProtocolHints.Of(s)).Concat(TimeHints.Of(s))
            .OrderBy(h => h.Confidence).Take(Most),
    ];

    public static Hint Hint(string id, Confidence confidence, string sentence, IReadOnlyList<string> evidence, params string[] steps) =>
        new(id, confidence, sentence, evidence, steps);
}
