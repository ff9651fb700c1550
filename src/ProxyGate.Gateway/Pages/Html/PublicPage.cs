using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>The page for visitors: what it means for them, and an id that the people who run the site can look up. Nothing of the inside.</summary>
internal static class PublicPage
{
    /// <param name="safeToRepeat">Whether the page may ask again by itself: only for requests that change nothing.</param>
    public static ReadOnlyMemory<byte> Write(FailureEvent failure, bool safeToRepeat)
    {
        var diagnosis = failure.Diagnosis;
        var byClient = diagnosis.Failure.Party == Party.Client;
        var html = new HtmlWriter(16 * 1024);
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>"u8)
            .Text(diagnosis.PublicTitle).Raw("</title>"u8).Raw(PageAssets.Style).Raw("</head><body><main class=\"pub\"><div class=\"box\">"u8);
        if (!byClient)
        {
            html.Raw("<ol class=\"trip\" aria-label=\"Where it stopped\"><li class=\"ok\">"u8).Raw(PageAssets.Tick)
                .Raw("<span>You</span><span class=\"vh\">working</span></li><li class=\"ok\">"u8).Raw(PageAssets.Tick)
                .Raw("<span>This site</span><span class=\"vh\">reached</span></li><li class=\"bad\">"u8).Raw(PageAssets.Cross)
                .Raw("<span class=\"t\">Its service</span><span class=\"vh\">failed here</span></li></ol>"u8);
        }

        html.Raw("<h1>"u8).Text(diagnosis.PublicTitle).Raw("</h1><p>"u8).Text(diagnosis.PublicSentence).Raw("</p>"u8);
        if (diagnosis.Failure.Cause.Retryable && safeToRepeat && !byClient)
        {
            html.Raw("<p id=\"wait\" hidden role=\"status\">You can leave this page open: it returns by itself as soon as the service is back.</p>"u8);
        }

        html.Raw("<p class=\"meta\">If you ask for help, give this id: <b><code>"u8).Text(failure.Id).Raw("</code></b><br>"u8)
            .Text(TextAnswer.Moment(failure)).Raw(" · status "u8).Text(TextAnswer.StatusLine(failure.Status)).Raw("</p></div></main>"u8)
            .Raw(PageAssets.Script).Raw("</body></html>\n"u8);
        return html.Written;
    }
}
