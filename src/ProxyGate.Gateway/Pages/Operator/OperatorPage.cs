using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Html;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>The page for those who run the gateway: the account of the failure, and below it the same as Markdown to hand on.</summary>
internal static class OperatorPage
{
    public static void Write(AnswerBuffer buffer, FailureEvent failure)
    {
        var html = new HtmlWriter(buffer);
        var status = TextAnswer.StatusLine(failure.Status);
        var cause = failure.Diagnosis.Failure.Cause.Id;
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>"u8)
            .Text(status).Raw(": "u8).Text(cause).Raw("</title>"u8).Raw(OperatorAssets.Style)
            .Raw("</head><body><header><b>ProxyGate</b> <span>"u8).Text(status).Raw("</span> <code>"u8).Text(cause)
            .Raw("</code> <span>id <code>"u8).Text(failure.Id).Raw("</code></span> <span>"u8).Text(TextAnswer.Moment(failure)).Raw("</span></header><main>"u8);
        Account.Tell(failure, new HtmlForm(html), forStrangers: false);
        WriteSupport(html, failure);
        html.Raw("</main><footer><p>You see this page because you came from the gateway's own machine or from a configured operator network. Visitors see a short page with the id only.</p></footer><p class=\"vh\" id=\"said\" role=\"status\"></p>"u8)
            .Raw(OperatorAssets.Script).Raw("</body></html>\n"u8);
    }

    private static void WriteSupport(HtmlWriter html, FailureEvent failure)
    {
        using var markdown = new AnswerBuffer(8 * 1024);
        MarkdownAnswer.Write(markdown, failure);
        html.Raw("<section><h2>To hand on</h2><p class=\"note\">The same as Markdown, for a colleague or an issue. It holds no client address, no query and no value of a header field.</p><details><summary>Show it</summary><div class=\"in\"><figure><figcaption><b>Markdown</b></figcaption><pre id=\"md\">"u8)
            .Block(markdown.Written.Span.TrimEnd("\n"u8)).Raw("</pre></figure></div></details></section>"u8);
    }
}
