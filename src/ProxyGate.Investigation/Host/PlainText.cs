using System.Text;

namespace ProxyGate.Investigation.Host;

/// <summary>Makes what a foreign program wrote one line of bounded length. It stays hostile text: who shows it still has to escape it.</summary>
internal static class PlainText
{
    public static string Of(string text, int limit)
    {
        var plain = new StringBuilder(Math.Min(text.Length, limit));
        foreach (var rune in text.EnumerateRunes())
        {
            if (plain.Length + rune.Utf16SequenceLength > limit) return plain.Append('…').ToString();

            // Format characters turn the reading direction or hide text.
            var category = Rune.GetUnicodeCategory(rune);
            plain.Append(category is System.Globalization.UnicodeCategory.Control or System.Globalization.UnicodeCategory.Format
                or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator
                ? new Rune(' ') : rune);
        }

        return plain.ToString().Trim();
    }
}
