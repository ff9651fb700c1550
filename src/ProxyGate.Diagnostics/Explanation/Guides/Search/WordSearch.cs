using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>Texts that are no message known word for word: causes, hints and messages that share their rare words.</summary>
internal static class WordSearch
{
    /// <summary>The share of the text's weight that must be found again.</summary>
    private const double Enough = 0.55;

    private static readonly HashSet<string> s_fillers =
    [
        "a", "an", "and", "are", "at", "be", "but", "by", "did", "do", "does", "error", "failed", "for", "from", "has", "have", "i", "in", "is", "it", "its", "my", "no", "not", "of", "on",
        "or", "so", "that", "the", "there", "this", "to", "was", "what", "when", "while", "why", "with", "you",
    ];

    private static readonly (GuideKind Kind, string Id, string Title, HashSet<string> Words)[] s_ours =
    [
        .. CauseCatalogue.All.Select(c => (GuideKind.Cause, c.Id, c.Title, Set($"{c.Id.Replace('_', ' ')} {CauseGuides.Of(c.Id).Meaning}"))),
        .. HintGuides.All.Select(h => (GuideKind.Hint, h.Id, h.Title, Set($"{h.Id.Replace('_', ' ')} {h.Title} {h.Meaning}"))),
    ];

    private static readonly Dictionary<string, int> s_frequency = s_ours.SelectMany(o => o.Words)
        .Concat(Equivalents.EquivalentTables.All.SelectMany(s => s.Sayings).SelectMany(s => SearchWords.Of(s.Message).Distinct()))
        .GroupBy(w => w).ToDictionary(g => g.Key, g => g.Count());

    public static IEnumerable<GuideMatch> Find(string[] words, IndexedSaying[] sayings)
    {
        var asked = words.Where(w => w.Length > 1 && !s_fillers.Contains(w)).Distinct().Take(200).ToArray();
        var all = asked.Sum(Weight);
        // A text of unknown words has nothing to be found by.
        if (!asked.Any(s_frequency.ContainsKey)) return [];
        var messages =
            from s in sayings
            let both = asked.Where(s.Vocabulary.Contains).ToArray()
            where both.Length > 1 || (both.Length == 1 && asked.Length == 1) || both.Any(IndexedSaying.IsCode)
            let found = both.Sum(Weight)
            let whole = s.Vocabulary.Where(w => !s_fillers.Contains(w)).Sum(Weight)
            // Either nearly all that was asked for, or nearly all of the message: a pasted line has more words than the message.
            where found >= all * Enough || found >= whole * 0.8 || both.Any(IndexedSaying.IsCode)
            let score = found / all + found / whole
            from cause in s.Saying.Causes.Select((id, position) => (id, position))
            select (Match: new GuideMatch(GuideKind.Cause, cause.id, MatchStrength.Words, GuideSearch.Why(s.System, s.Saying)), Score: score - cause.position * 0.05, s.Order);
        var ours =
            from o in s_ours
            let found = asked.Where(o.Words.Contains).Sum(Weight)
            where found >= all * Enough
            select (Match: new GuideMatch(o.Kind, o.Id, MatchStrength.Words, $"its words: {o.Title}"), Score: found / all + 0.5, Order: int.MaxValue);
        return messages.Concat(ours).OrderByDescending(m => m.Score).ThenBy(m => m.Order).Select(m => m.Match);
    }

    public static bool IsFiller(string word) => s_fillers.Contains(word);

    /// <summary>Rare words tell more; a word nobody here uses tells least, as it may be a host name.</summary>
    private static double Weight(string word) => s_frequency.TryGetValue(word, out var count) ? 1 + 8.0 / count : 0.4;

    private static HashSet<string> Set(string text) => [.. SearchWords.Of(text).Where(w => w.Length > 1 && !s_fillers.Contains(w))];
}
