using System.Buffers;
using System.Text;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>
/// Writes UTF-8 HTML. Markup comes only as literals; every value goes through <see cref="Text"/>, which makes hidden characters visible,
/// limits the length and escapes what HTML reads, in text and in quoted attributes alike.
/// </summary>
internal sealed class HtmlWriter(int capacity)
{
    private const int MaxText = 1024;
    private readonly ArrayBufferWriter<byte> _buffer = new(capacity);

    public ReadOnlyMemory<byte> Written => _buffer.WrittenMemory;

    public HtmlWriter Raw(ReadOnlySpan<byte> markup)
    {
        _buffer.Write(markup);
        return this;
    }

    public HtmlWriter Text(string value, int maxLength = MaxText)
    {
        var rest = HostileText.Line(value, maxLength).AsSpan();
        while (true)
        {
            var at = rest.IndexOfAny("&<>\"'");
            Utf8(at < 0 ? rest : rest[..at]);
            if (at < 0) return this;
            Raw(rest[at] switch
            {
                '&' => "&amp;"u8,
                '<' => "&lt;"u8,
                '>' => "&gt;"u8,
                '"' => "&quot;"u8,
                _ => "&#39;"u8,
            });
            rest = rest[(at + 1)..];
        }
    }

    private void Utf8(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return;
        var span = _buffer.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _buffer.Advance(Encoding.UTF8.GetBytes(text, span));
    }
}
