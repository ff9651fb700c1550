using System.Globalization;
using System.Net;
using System.Text;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages;

namespace ProxyGate.Output;

/// <summary>The list of the gallery: every cause in the order of a request's life, with its two pages.</summary>
internal static class GalleryIndex
{
    public static string PathOf(GalleryPage page) => $"{(page.Operator ? "operator" : "public")}/{page.Example}.html";

    public static string Write(IReadOnlyList<GalleryPage> gallery)
    {
        var page = new StringBuilder(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>ProxyGate: the page of every cause</title>
            <style>
            :root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1d2430; background: #fff }
            table { border-collapse: collapse; width: 100% } td, th { border-top: 1px solid #dde2ea; padding: .4rem .6rem .4rem 0; vertical-align: top; text-align: left }
            td { overflow-wrap: anywhere } h2 { margin-top: 2.5rem } small { color: #5b6472 } a { color: #1f5fbf }
            @media (prefers-color-scheme: dark) { body { color: #e4e8ef; background: #14181f } td, th { border-color: #333b48 } small { color: #a3adb9 } a { color: #8ab4ff } }
            </style></head><body>
            <h1>The page of every cause</h1>
            <p>Each page is made from recorded facts by the code that answers real failures. Operators see what happened, how it is known and what to do;
            visitors see a short page with an id.</p>

            """);
        foreach (var stage in gallery.GroupBy(p => p.Cause.Stage))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{WebUtility.HtmlEncode(ContractNames.Of(stage.Key))}</h2>\n<table><tr><th>Cause</th><th>What visitors read</th><th>Pages</th></tr>\n");
            foreach (var example in stage.GroupBy(p => p.Example)) page.Append(Row([.. example]));
            page.Append("</table>\n");
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static string Row(IReadOnlyList<GalleryPage> pages)
    {
        var links = string.Join(" · ", pages.Select(p => p.Body.IsEmpty
            ? "<small>visitors get no page of it</small>"
            : $"<a href=\"{PathOf(p)}\">{(p.Operator ? "operator" : "public")}</a>"));
        var status = pages[0].Cause.Status == 0 ? "" : pages[0].Cause.Status.ToString(CultureInfo.InvariantCulture);
        return $"<tr><td><code>{WebUtility.HtmlEncode(pages[0].Example)}</code> <small>{status}</small></td><td>{WebUtility.HtmlEncode(pages[0].Cause.Title)}</td><td>{links}</td></tr>\n";
    }
}
