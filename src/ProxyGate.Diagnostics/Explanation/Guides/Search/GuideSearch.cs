using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>
/// Finds causes and hints by what people have in hand: an id, another proxy's message, code or whole log line, an errno, a status, or
/// plain words. Total and bounded, whatever the text.
/// </summary>
public static class GuideSearch
{
    /// <summary>Texts that only share words with a page: more than these are no help.</summary>
    private const int MostByWords = 8;

    /// <summary>A message in a line counts beside a longer one only if it says nearly as much.</summary>
    private const double NearlyAsMuch = 0.75;

    private static readonly IndexedSaying[] s_sayings =
    [
        .. (from system in EquivalentTables.All
            from saying in system.Sayings
            where saying.Message != Saying.NoOwnMessage
            select (system.System, saying)).Select((s, i) => new IndexedSaying(s.System, s.saying, i)),
    ];

    public static GuideSearchResult Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > SearchWords.MaxText) text = text[..SearchWords.MaxText];
        var words = SearchWords.Of(text);
        if (words.Length == 0) return new GuideSearchResult([], []);
        var known = First(Named(words), Codes(text), Status(words), Whole(words), InText(words, SearchWords.WithoutErrorTexts(text)), Everyday(EverydayWords.All(words)), [.. PartOfId(words), .. TextIn(words)]);
        if (known.Count > 0) return new GuideSearchResult(known, [], OnlyAStatus: Status(words).Any());

        // An id with a slip of the hand must not be searched for by its words: that finds anything.
        var nearest = NearSpelling.Of(text, AllIds());
        if (nearest.Count > 0 && IsOneName(text)) return new GuideSearchResult([], nearest);
        var byWords = First(WordSearch.Find(words, s_sayings).DistinctBy(m => (m.Kind, m.Id)).Take(MostByWords), Everyday(EverydayWords.Any(words)));
        return byWords.Count > 0
            ? new GuideSearchResult(byWords, [])
            : new GuideSearchResult([], nearest, LooksLikeFailureId: IsFailureId(text));
    }

    private static bool IsOneName(string text) => text.Trim() is var name && !name.Any(char.IsWhiteSpace) && name.AsSpan().IndexOfAny('_', '-') > 0;

    /// <summary>The first way of searching that finds something; a cause or hint once, by its best reason.</summary>
    private static List<GuideMatch> First(params ReadOnlySpan<IEnumerable<GuideMatch>> ways)
    {
        foreach (var way in ways)
        {
            var found = way.DistinctBy(m => (m.Kind, m.Id)).ToList();
            if (found.Count > 0) return found;
        }

        return [];
    }

    /// <summary>Our ids; some of them are messages of others as well, in capitals (CERT_REVOKED).</summary>
    private static IEnumerable<GuideMatch> Named(string[] words) => Ids(words).Any() ? [.. Ids(words), .. Whole(words)] : [];

    private static IEnumerable<GuideMatch> Ids(string[] words)
    {
        var id = string.Join('_', words);
        if (CauseCatalogue.TryGet(id, out _)) yield return new GuideMatch(GuideKind.Cause, id, MatchStrength.Exact, "it is the cause's id");
        if (HintGuides.TryGet(id, out _)) yield return new GuideMatch(GuideKind.Hint, id, MatchStrength.Exact, "it is the root cause's id");
    }

    /// <summary>A single plain word, such as "timeout" or "keep-alive", stands in many messages: our own names for it come first.</summary>
    private static IEnumerable<GuideMatch> PartOfId(string[] words)
    {
        var word = string.Concat(words);
        if (words.Length > 2 || word.Length < 3 || word.All(char.IsAsciiDigit)) return [];
        return AllIds().Where(id => id.Split('_').Contains(word))
            .Select(id => (id, kind: CauseCatalogue.TryGet(id, out _) ? GuideKind.Cause : GuideKind.Hint))
            .OrderBy(m => m.kind).ThenBy(m => StatusSearch.Rank(m.id))
            .Select(m => new GuideMatch(m.kind, m.id, MatchStrength.Message, "the word is part of its name"));
    }

    private static IEnumerable<GuideMatch> Everyday(IEnumerable<(string Id, string Why)> usual) =>
        usual.Select(u => new GuideMatch(CauseCatalogue.TryGet(u.Id, out _) ? GuideKind.Cause : GuideKind.Hint, u.Id, MatchStrength.Words, u.Why));

    private static IEnumerable<GuideMatch> Codes(string text) => Spread(CodeSearch.Find(text).Select((c, i) => (c.System, c.Saying, i)), MatchStrength.Exact, byPosition: false);

    private static IEnumerable<GuideMatch> Status(string[] words) => StatusSearch.Of(words) is { } status
        ? StatusSearch.Causes(status).Select(c => new GuideMatch(
            GuideKind.Cause, c.Id, MatchStrength.Message, c.Status == status ? $"ProxyGate answers {status} to it" : $"{status} can be passed on from behind"))
        : [];

    private static IEnumerable<GuideMatch> Whole(string[] words) => Spread(Named(s_sayings.Where(s => s.Is(words))), MatchStrength.Exact);

    /// <summary>Messages that stand in the text, as in a pasted line; the longest says most.</summary>
    private static IEnumerable<GuideMatch> InText(string[] words, string[] wordsWithoutErrorTexts)
    {
        var found = s_sayings.Where(s => s.IsIn(words, wordsWithoutErrorTexts)).ToList();
        if (found.Count == 0) return [];
        var longest = found.Max(s => s.Words.Length);
        return Spread(Named(found.Where(s => s.Words.Length >= longest * NearlyAsMuch).OrderByDescending(s => s.Words.Length)), MatchStrength.Message);
    }

    private static IEnumerable<GuideMatch> TextIn(string[] words) => Spread(Named(s_sayings.Where(s => s.Contains(words))), MatchStrength.Message);

    private static IEnumerable<(string System, Saying Saying, int Order)> Named(IEnumerable<IndexedSaying> sayings) => sayings.Select((s, i) => (s.System, s.Saying, i));

    /// <summary>The causes of several messages: what each means first, before what else each can mean.</summary>
    private static IEnumerable<GuideMatch> Spread(IEnumerable<(string System, Saying Saying, int Order)> sayings, MatchStrength strength, bool byPosition = true) =>
        from s in sayings
        from cause in s.Saying.Causes.Select((id, position) => (id, position))
        orderby byPosition ? cause.position : 0, s.Order, cause.position
        select new GuideMatch(GuideKind.Cause, cause.id, strength, Why(s.System, s.Saying));

    internal static string Why(string system, Saying saying) =>
        $"{system}: {saying.Message}{(saying.Difference.Length > 0 ? $" ({saying.Difference})" : "")}";

    /// <summary>Letters and digits in two groups, at least one digit: words are not taken for it.</summary>
    private static bool IsFailureId(string text)
    {
        var bare = text.Trim();
        return bare.Length == 9 && bare[4] == '-' && bare.Any(char.IsAsciiDigit) && FailureId.TryParse(bare, out _);
    }

    private static IEnumerable<string> AllIds() => CauseCatalogue.All.Select(c => c.Id).Concat(HintGuides.All.Select(h => h.Id));
}
