using System.Globalization;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Pages.Html;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>Fills the operator's own page. Every value is escaped, whatever it is; there is none of the inside to be had.</summary>
internal static class OwnPage
{
    private const string Rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static ReadOnlyMemory<byte> Write(PageTemplate page, PublicView view)
    {
        var html = new HtmlWriter(16 * 1024);
        foreach (var part in page.Parts)
        {
            switch (part.Placeholder)
            {
                case PagePlaceholder.None:
                    html.Raw(part.Text.Span);
                    break;
                case PagePlaceholder.Return:
                    PublicPage.WriteReturn(html, view);
                    if (view.CanReturn) html.Raw(PublicAssets.Script);
                    break;
                default:
                    html.Text(Value(part.Placeholder, view));
                    break;
            }
        }

        return html.Written;
    }

    /// <summary>Its own styles, its own site's images, and the script that makes it return: nothing else.</summary>
    public static string SecurityPolicy(PageTemplate page)
    {
        var styles = page.StyleHashes.Count == 0 ? "" : $"style-src {string.Join(' ', page.StyleHashes.Select(h => $"'{h}'"))}; ";
        var script = page.Returns ? $"script-src '{PublicAssets.ScriptHash}'; connect-src 'self'; " : "";
        return $"default-src 'none'; {styles}img-src 'self' data:; {script}{Rest}";
    }

    private static string Value(PagePlaceholder placeholder, PublicView view) => placeholder switch
    {
        PagePlaceholder.Id => view.Id,
        PagePlaceholder.Status => view.Status.ToString(CultureInfo.InvariantCulture),
        PagePlaceholder.Time => view.Moment,
        PagePlaceholder.Title => view.Text.Title,
        PagePlaceholder.Sentence => view.Text.Sentence,
        PagePlaceholder.Advice => view.Text.Advice,
        PagePlaceholder.Message => view.Settings.Message ?? "",
        PagePlaceholder.Contact => view.Settings.Contact ?? "",
        PagePlaceholder.RetryAfter => view.RetryAfter?.ToString(CultureInfo.InvariantCulture) ?? "",
        PagePlaceholder.Language => view.Language.Tag,
        _ => "",
    };
}
