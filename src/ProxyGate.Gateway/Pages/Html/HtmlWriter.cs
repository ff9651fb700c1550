using System.Buffers;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>
/// Writes UTF-8 HTML. Markup comes only as literals; every value goes through <see cref="Text"/>, which makes hidden characters visible,
/// limits the length and escapes what HTML reads, in text and in quoted attributes alike. All values together have a limit too, so that no
/// failure, however odd, makes a page without end.
/// </summary>
internal sealed class HtmlWriter(AnswerBuffer buffer)
{
    private const int MaxText = 1024;
    private const int MaxValues = 64 * 1024;
    private static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'");
    private static readonly SearchValues<byte> SpecialBytes = SearchValues.Create("&<>\"'"u8);
    private int _left = MaxValues;

    /// <summary>With a buffer of its own, which is not given back.</summary>
    public HtmlWriter(int capacity) : this(new AnswerBuffer(capacity))
    {
    }

    public ReadOnlyMemory<byte> Written => buffer.Written;

    public HtmlWriter Raw(ReadOnlySpan<byte> markup)
    {
        buffer.Raw(markup);
        return this;
    }

    public HtmlWriter Text(string value, int maxLength = MaxText)
    {
        var rest = HostileText.Line(value, Math.Min(maxLength, _left)).AsSpan();
        _left = Math.Max(0, _left - rest.Length);
        while (true)
        {
            var at = rest.IndexOfAny(Special);
            buffer.Utf8(at < 0 ? rest : rest[..at]);
            if (at < 0) return this;
            buffer.Raw(Escaped(rest[at]));
            rest = rest[(at + 1)..];
        }
    }

    /// <summary>UTF-8 text of several lines that has been made harmless already, and is bounded by who wrote it.</summary>
    public HtmlWriter Block(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var at = text.IndexOfAny(SpecialBytes);
            buffer.Raw(at < 0 ? text : text[..at]);
            if (at < 0) return this;
            buffer.Raw(Escaped((char)text[at]));
            text = text[(at + 1)..];
        }
    }

    private static ReadOnlySpan<byte> Escaped(char c) => c switch
    {
        '&' => "&amp;"u8,
        '<' => "&lt;"u8,
        '>' => "&gt;"u8,
        '"' => "&quot;"u8,
        _ => "&#39;"u8,
    };
}
