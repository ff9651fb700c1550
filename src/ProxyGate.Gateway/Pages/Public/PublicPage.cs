using System.Globalization;
using ProxyGate.Gateway.Pages.Html;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>The page for visitors: what it means for them, what they can do, and an id that the people who run the site can look up.</summary>
internal static class PublicPage
{
    public static ReadOnlyMemory<byte> Write(PublicView view)
    {
        var (text, labels) = (view.Text, view.Labels);
        var html = new HtmlWriter(16 * 1024);
        html.Raw("<!DOCTYPE html>\n<html lang=\""u8).Text(view.Language.Tag)
            .Raw("\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>"u8)
            .Text(text.Title).Raw("</title>"u8).Raw(PublicAssets.Style).Raw("</head><body><main>"u8);
        if (view.IsOurs) WriteChain(html, view);
        html.Raw("<h1>"u8).Text(text.Title).Raw("</h1><p>"u8).Text(text.Sentence).Raw("</p><p>"u8).Text(text.Advice).Raw("</p>"u8);
        if (view.Settings.Message is { } message) WriteOwn(html, "p", message, view);
        WriteReturn(html, view);
        if (view.OffersRepeat) html.Raw("<p><a class=\"again\" href=\"\">"u8).Text(labels.TryAgain).Raw("</a></p>"u8);
        html.Raw("<dl><div><dt>"u8).Text(labels.Id).Raw("</dt><dd><code>"u8).Text(view.Id)
            .Raw("</code></dd></div><div><dt>"u8).Text(labels.Time).Raw("</dt><dd><time datetime=\""u8)
            .Text(PublicStencil.Instant(view.Time)).Raw("\">"u8).Text(view.Moment)
            .Raw("</time></dd></div><div><dt>"u8).Text(labels.Status).Raw("</dt><dd>"u8).Text(view.Status.ToString(CultureInfo.InvariantCulture)).Raw("</dd></div>"u8);
        if (view.Settings.Contact is { } contact) WriteContact(html, contact, view);
        html.Raw("</dl></main>"u8);
        if (view.CanReturn) html.Raw(PublicAssets.Script);
        html.Raw("</body></html>\n"u8);
        return html.Written;
    }

    /// <summary>
    /// That the page opens by itself when the site is back, shown by its script alone; or, when something was sent, why it does not and what to do.
    /// </summary>
    public static void WriteReturn(HtmlWriter html, PublicView view)
    {
        if (view.MayHaveArrived) html.Raw("<p>"u8).Text(view.Labels.AfterSending).Raw("</p>"u8);
        if (!view.CanReturn) return;
        html.Raw("<p id=\"proxygate-return\" role=\"status\" hidden data-stopped=\""u8).Text(view.Labels.StoppedWaiting)
            .Raw("\" data-still=\""u8).Text(view.Labels.StillFailing).Raw("\">"u8).Text(view.Labels.Waiting).Raw("</p>"u8);
    }

    private static void WriteChain(HtmlWriter html, PublicView view)
    {
        var labels = view.Labels;
        html.Raw("<ol aria-label=\""u8).Text(labels.Chain).Raw("\"><li>"u8).Raw(PageAssets.Tick).Raw("<span>"u8).Text(labels.You).Raw("</span><span class=\"vh\">: "u8).Text(labels.YouState)
            .Raw("</span></li><li>"u8).Raw(PageAssets.Tick).Raw("<span>"u8).Text(labels.Site).Raw("</span><span class=\"vh\">: "u8).Text(labels.SiteState)
            .Raw("</span></li><li class=\"bad\">"u8).Raw(PageAssets.Cross).Raw("<span>"u8).Text(labels.Service).Raw("</span><span class=\"vh\">: "u8).Text(labels.ServiceState)
            .Raw("</span></li></ol>"u8);
    }

    private static void WriteContact(HtmlWriter html, string contact, PublicView view)
    {
        html.Raw("<div><dt>"u8).Text(view.Labels.Help).Raw("</dt>"u8);
        if (LinkOf(contact, view.Id) is { } link) html.Raw("<dd><a href=\""u8).Text(link).Raw("\">"u8).Text(Shown(contact)).Raw("</a></dd>"u8);
        else WriteOwn(html, "dd", contact, view);
        html.Raw("</div>"u8);
    }

    /// <summary>The operator's own words are in the configured language, whatever the visitor's is.</summary>
    private static void WriteOwn(HtmlWriter html, string element, string words, PublicView view)
    {
        html.Raw("<"u8).Text(element);
        if (view.Settings.Language != view.Language.Tag) html.Raw(" lang=\""u8).Text(view.Settings.Language).Raw("\""u8);
        html.Raw(">"u8).Text(words).Raw("</"u8).Text(element).Raw(">"u8);
    }

    /// <summary>A link only for what is plainly one: nothing else is let into an address.</summary>
    private static string? LinkOf(string contact, string id)
    {
        if (contact.Contains(' ', StringComparison.Ordinal)) return null;
        if (Begins("https://") || Begins("http://") || Begins("tel:")) return contact;
        var mail = Begins("mailto:") ? contact : IsMail(contact) ? "mailto:" + contact : null;
        return mail is null || mail.Contains('?', StringComparison.Ordinal) ? mail : $"{mail}?subject={Uri.EscapeDataString(id)}";

        bool Begins(string scheme) => contact.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && contact.Length > scheme.Length;
    }

    private static bool IsMail(string contact) => contact.IndexOf('@', StringComparison.Ordinal) is var at and > 0 && at == contact.LastIndexOf('@') && contact.IndexOf('.', at) > at + 1 && !contact.Contains(':', StringComparison.Ordinal);

    private static string Shown(string contact)
    {
        var colon = contact.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || contact.StartsWith("tel:", StringComparison.OrdinalIgnoreCase) ? contact.IndexOf(':', StringComparison.Ordinal) + 1 : 0;
        var question = colon > 0 ? contact.IndexOf('?', StringComparison.Ordinal) : -1;
        return question > colon ? contact[colon..question] : contact[colon..];
    }
}
