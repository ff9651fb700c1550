using System.Text;
using System.Text.RegularExpressions;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Reads the text of a page of one's own. Names every mistake in it with its line.</summary>
internal sealed partial class PageTemplateReader(string file, string key, List<ConfigMistake> mistakes)
{
    private const string Open = "{{";
    private const string Close = "}}";

    private static readonly (Regex Pattern, string Message)[] s_withoutEffect =
    [
        (ScriptElement(), "a script does not run on this page, which lets nothing through but its own style and images; {{return}} makes it open by itself when the site is back"),
        (StyleAttribute(), "a style attribute has no effect on this page; put it into a <style> element"),
        (StyleSheet(), "a style sheet of its own file is not loaded on this page; put it into a <style> element"),
        (ForeignImage(), "an image of another site is not loaded on this page; use one of your site, or a data: image"),
        (FormElement(), "a form cannot be sent from this page; use a link"),
    ];

    /// <returns>Absent when there is a mistake in it.</returns>
    public PageTemplate? Read(byte[] bytes)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes);
        }
        catch (DecoderFallbackException)
        {
            Add(0, 0, "is not text in UTF-8");
            return null;
        }

        // As the browser does before it hashes a style.
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (string.IsNullOrWhiteSpace(text))
        {
            Add(0, 0, "is empty");
            return null;
        }

        var before = mistakes.Count(m => !m.IsWarning);
        var styles = Styles().Matches(text);
        var closed = styles.Concat(Scripts().Matches(text)).Select(m => (m.Index, m.Length)).ToList();
        var parts = Cut(text, closed);
        foreach (var (pattern, message) in s_withoutEffect)
        {
            if (pattern.Match(text) is { Success: true } match) At(text, match.Index, message, isWarning: true);
        }

        return mistakes.Count(m => !m.IsWarning) > before ? null : new PageTemplate
        {
            Path = file,
            Parts = parts,
            StyleHashes = [.. styles.Select(m => PageTemplate.Hash(m.Groups[1].Value)).Distinct()],
            Returns = parts.Exists(p => p.Placeholder == PagePlaceholder.Return),
            SpeaksLanguages = parts.Exists(p => p.Placeholder is PagePlaceholder.Language),
        };
    }

    private List<PageTemplatePart> Cut(string text, List<(int Index, int Length)> closed)
    {
        var parts = new List<PageTemplatePart>();
        var from = 0;
        while (text.IndexOf(Open, from, StringComparison.Ordinal) is var open and >= 0)
        {
            var line = text.IndexOf('\n', open);
            var end = text.IndexOf(Close, open, StringComparison.Ordinal);
            if (end < 0 || (line >= 0 && end > line))
            {
                At(text, open, "{{ has no }} in its line", "a placeholder such as {{id}}, or &#123;&#123; for the signs themselves");
                from = open + Open.Length;
                continue;
            }

            var name = text[(open + Open.Length)..end].Trim();
            if (!PageTemplate.Names.TryGetValue(name, out var placeholder))
            {
                At(text, open, $"{{{{{name}}}}} is an unknown placeholder", Spelling.Nearest(name, PageTemplate.Names.Keys) is { } near ? $"{{{{{near}}}}}" : null);
            }
            else if (closed.Exists(c => open > c.Index && open < c.Index + c.Length))
            {
                At(text, open, $"{{{{{name}}}}} stands inside a style or script, where no value can be put in safely");
            }
            else if (placeholder == PagePlaceholder.Return && parts.Exists(p => p.Placeholder == PagePlaceholder.Return))
            {
                At(text, open, "{{return}} stands here a second time; once is enough");
            }

            AddText(parts, text[from..open]);
            parts.Add(new PageTemplatePart(default, placeholder));
            from = end + Close.Length;
        }

        AddText(parts, text[from..]);
        return parts;
    }

    private static void AddText(List<PageTemplatePart> parts, string text)
    {
        if (text.Length > 0) parts.Add(new PageTemplatePart(Encoding.UTF8.GetBytes(text), PagePlaceholder.None));
    }

    private void At(string text, int index, string message, string? suggestion = null, bool isWarning = false)
    {
        var before = text.AsSpan(0, index);
        Add(before.Count('\n') + 1, index - before.LastIndexOf('\n'), message, suggestion, isWarning);
    }

    private void Add(int line, int column, string message, string? suggestion = null, bool isWarning = false) => mistakes.Add(new ConfigMistake
    {
        File = file,
        Line = line,
        Column = column,
        Key = key,
        Message = message,
        Suggestion = suggestion,
        IsWarning = isWarning,
    });

    [GeneratedRegex(@"<style\b[^>]*>(.*?)</style\s*>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Styles();

    [GeneratedRegex(@"<script\b.*?</script\s*>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Scripts();

    [GeneratedRegex(@"<script\b", RegexOptions.IgnoreCase)]
    private static partial Regex ScriptElement();

    [GeneratedRegex(@"<[a-z][^<>]*\sstyle\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex StyleAttribute();

    [GeneratedRegex(@"<link\b[^<>]*stylesheet", RegexOptions.IgnoreCase)]
    private static partial Regex StyleSheet();

    [GeneratedRegex(@"<(?:img|source)\b[^<>]*\ssrc(?:set)?\s*=\s*[""']?(?:https?:)?//", RegexOptions.IgnoreCase)]
    private static partial Regex ForeignImage();

    [GeneratedRegex(@"<form\b", RegexOptions.IgnoreCase)]
    private static partial Regex FormElement();
}
