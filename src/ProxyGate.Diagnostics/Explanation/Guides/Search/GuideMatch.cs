namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>What a search found.</summary>
/// <param name="Matches">Best first; several where the text can mean several things. Empty when nothing fits.</param>
/// <param name="Nearest">Ids that are spelled alike, best first, for "did you mean"; only when nothing fits.</param>
/// <param name="OnlyAStatus">Whether the text is a status and nothing else, which alone does not tell the cause.</param>
/// <param name="LooksLikeFailureId">Whether the text has the form of the id of one failure, which the event log knows and this does not; only when nothing fits.</param>
public sealed record GuideSearchResult(IReadOnlyList<GuideMatch> Matches, IReadOnlyList<string> Nearest, bool OnlyAStatus = false, bool LooksLikeFailureId = false);

/// <summary>A cause or hint that a text can mean.</summary>
/// <param name="Kind">Which of the two.</param>
/// <param name="Id">Its id.</param>
/// <param name="Strength">How well it fits.</param>
/// <param name="Why">What it was found by, as half a sentence.</param>
public sealed record GuideMatch(GuideKind Kind, string Id, MatchStrength Strength, string Why);

public enum GuideKind
{
    Cause,
    Hint,
}

/// <summary>How well a match fits, from best to least.</summary>
public enum MatchStrength
{
    /// <summary>The text is the id, the code or the whole message.</summary>
    Exact,

    /// <summary>The text contains the message, or the message contains the text.</summary>
    Message,

    /// <summary>Many words are the same.</summary>
    Words,
}
