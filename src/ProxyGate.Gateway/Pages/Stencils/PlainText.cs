using System.Buffers;

namespace ProxyGate.Gateway.Pages.Stencils;

/// <summary>Values that every form of an answer writes letter by letter as they are: nothing of them is escaped, quoted or cut anywhere.</summary>
internal static class PlainText
{
    /// <summary>So long a path is nowhere cut: the way of the request shows 90 characters of method and path.</summary>
    public const int LongestPath = 80;

    private const int LongestWord = 64;
    private static readonly SearchValues<char> s_word = SearchValues.Create("-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    private static readonly SearchValues<char> s_path = SearchValues.Create("/._-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    public static bool IsWord(string value) => value.Length is > 0 and <= LongestWord && !value.AsSpan().ContainsAnyExcept(s_word);

    public static bool IsPath(string value)
    {
        if (value.Length is 0 or > LongestPath || value[0] != '/' || value.AsSpan().ContainsAnyExcept(s_path)) return false;
        // Within a word it means nothing to Markdown; elsewhere it is emphasis.
        for (var at = value.IndexOf('_', StringComparison.Ordinal); at >= 0; at = value.IndexOf('_', at + 1))
        {
            if (at + 1 == value.Length || !char.IsAsciiLetterOrDigit(value[at - 1]) || !char.IsAsciiLetterOrDigit(value[at + 1])) return false;
        }

        return true;
    }
}
