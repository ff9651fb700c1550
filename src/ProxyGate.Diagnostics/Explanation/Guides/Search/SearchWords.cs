using System.Text;
using System.Text.RegularExpressions;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>A text as a row of words, so that case, punctuation and quoting do not matter.</summary>
internal static partial class SearchWords
{
    /// <summary>A pasted line is shorter; what is longer is cut.</summary>
    public const int MaxText = 4096;

    /// <summary>E.g. <c>connect() failed (111: Connection refused)</c> as connect, failed, 111, connection, refused. Bounded by <see cref="MaxText"/>.</summary>
    public static string[] Of(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxText)))
        {
            if (char.IsAsciiLetterOrDigit(c) || c == '_')
            {
                word.Append(char.ToLowerInvariant(c));
                continue;
            }

            Take(words, word);
        }

        Take(words, word);
        return [.. words];
    }

    /// <summary>
    /// The same, without the words behind an error's number in brackets: systems word "(110: Connection timed out)" in different ways.
    /// </summary>
    public static string[] WithoutErrorTexts(string text) => Of(ErrorText().Replace(text.Length > MaxText ? text[..MaxText] : text, "($1)"));

    private static void Take(List<string> words, StringBuilder word)
    {
        if (word.Length == 0) return;
        words.Add(word.ToString());
        word.Clear();
    }

    [GeneratedRegex(@"\((\d{1,3}):[^()]{1,80}\)", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorText();
}
