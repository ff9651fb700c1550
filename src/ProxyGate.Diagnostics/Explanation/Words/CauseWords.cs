using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The words of every cause. The tables follow the life of a request; a test holds them to the catalogue.</summary>
internal static class CauseWords
{
    private static readonly Dictionary<string, CauseText> ById = new[]
    {
        RouteWords.Table, ClientWords.Table, ConnectWords.Table, TlsWords.Table, ExchangeWords.Table, AnswerWords.Table, AfterwardsWords.Table,
    }.SelectMany(t => t).ToDictionary();

    /// <summary>Total: a cause without words of its own gets those of <c>unclassified</c>.</summary>
    public static CauseText Of(string id) => ById.TryGetValue(id, out var words) ? words : ById[CauseId.Unclassified];

    public static IReadOnlyCollection<string> Ids => ById.Keys;
}
