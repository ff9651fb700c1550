using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>What a person reads on a page, as text: no style, no script, folded parts unfolded, one block a line. The Markdown at the end, which says the same again, is left out.</summary>
internal static partial class VisibleText
{
    public static string Of(string html)
    {
        var end = html.IndexOf("<script>", StringComparison.Ordinal) is >= 0 and var script ? script : html.IndexOf("</body>", StringComparison.Ordinal);
        var body = html[(html.IndexOf("<body", StringComparison.Ordinal))..end];
        var text = Markdown().Replace(Icon().Replace(body, ""), "(the Markdown)");
        text = Heading().Replace(text, m => m.Groups[1].Value switch { "1" => "\n\n# ", "2" => "\n\n## ", _ => "\n\n### " });
        text = text.Replace("<summary>", "\n\n> ", StringComparison.Ordinal).Replace("<li", "\n- <li", StringComparison.Ordinal)
            .Replace("<dd>", ": ", StringComparison.Ordinal).Replace("</td>", " | ", StringComparison.Ordinal).Replace("</th>", " | ", StringComparison.Ordinal)
            .Replace("<small", " · <small", StringComparison.Ordinal);
        text = Block().Replace(text, "\n");
        text = WebUtility.HtmlDecode(Tag().Replace(text, ""));
        var lines = new StringBuilder();
        var empty = true;
        foreach (var line in text.Split('\n').Select(l => l.TrimEnd()))
        {
            if (line.Length == 0 && empty) continue;
            empty = line.Length == 0;
            lines.Append(line).Append('\n');
        }

        return lines.ToString().TrimEnd('\n') + "\n";
    }

    [GeneratedRegex("<svg.*?</svg>")]
    private static partial Regex Icon();

    [GeneratedRegex("(?<=<pre id=\"md\">).*?(?=</pre>)", RegexOptions.Singleline)]
    private static partial Regex Markdown();

    [GeneratedRegex("<h([1-3])[^>]*>")]
    private static partial Regex Heading();

    [GeneratedRegex("</(p|li|dd|tr|h[1-3]|summary|figcaption|pre|header|div|section|article|details)>|<(table|pre|ul|ol|dl)[^>]*>")]
    private static partial Regex Block();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
