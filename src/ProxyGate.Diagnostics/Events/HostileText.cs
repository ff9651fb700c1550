using System.Globalization;
using System.Text;

namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// Makes text taken from a client or upstream harmless wherever it is shown as a line: control, format (bidirectional overrides, zero
/// width) and separator characters become visible as <c>\xNN</c> or <c>\uNNNN</c>, the way nginx logs them, and the length is limited.
/// What comes out still has to be escaped for its format (JSON, HTML).
/// </summary>
public static class HostileText
{
    private const char Ellipsis = '…';

    /// <summary>The text as one harmless line of at most <paramref name="maxLength"/> characters (and an ellipsis); null stays null.</summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    public static string? Line(string? text, int maxLength)
    {
        if (text is null) return null;
        if (text.Length <= maxLength && IsHarmless(text)) return text;

        var line = new StringBuilder(Math.Min(text.Length, maxLength) + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var width = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) ? 2 : 1;
            var shown = width == 2 ? Show(char.ConvertToUtf32(text[i], text[i + 1])) : Show(text[i]);
            if (line.Length + (shown?.Length ?? width) > maxLength) return line.Append(Ellipsis).ToString();
            if (shown is not null) line.Append(shown);
            else line.Append(text, i, width);
            i += width - 1;
        }

        return line.ToString();
    }

    private static bool IsHarmless(string text)
    {
        var plain = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        if (plain < 0) return true;
        foreach (var c in text.AsSpan(plain))
        {
            if (c is >= ' ' and < '\x7f') continue;
            if (c < 0x80 || char.IsSurrogate(c) || IsHidden(char.GetUnicodeCategory(c))) return false;
        }

        return true;
    }

    private static string? Show(int codePoint)
    {
        if (codePoint is >= ' ' and < 0x7f) return null;
        var category = codePoint is >= 0xd800 and <= 0xdfff
            ? UnicodeCategory.Surrogate
            : CharUnicodeInfo.GetUnicodeCategory(codePoint);
        if (!IsHidden(category)) return null;
        return codePoint <= 0xff ? $"\\x{codePoint:X2}" : codePoint <= 0xffff ? $"\\u{codePoint:X4}" : $"\\u{{{codePoint:X}}}";
    }

    private static bool IsHidden(UnicodeCategory category) => category
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
