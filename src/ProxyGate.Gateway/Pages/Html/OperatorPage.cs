using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages.Html;

/// <summary>The page for those who run the gateway: the finding first, then where it broke, why it probably did, what to type, and all evidence.</summary>
internal static class OperatorPage
{
    public static ReadOnlyMemory<byte> Write(FailureEvent failure)
    {
        var diagnosis = failure.Diagnosis;
        var cause = diagnosis.Failure.Cause.Id;
        var html = new HtmlWriter(32 * 1024);
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\"><title>"u8)
            .Text(TextAnswer.StatusLine(failure.Status)).Raw(": "u8).Text(cause).Raw("</title>"u8).Raw(PageAssets.Style)
            .Raw("</head><body><main><header class=\"top\"><b>ProxyGate</b><span>"u8).Text(TextAnswer.StatusLine(failure.Status))
            .Raw("</span><code class=\"code\">"u8).Text(cause).Raw("</code><span>id "u8).Text(failure.Id).Raw("</span></header><h1>"u8)
            .Text(diagnosis.Sentence).Raw("</h1>"u8);
        if (diagnosis.DoesNotProve.Length > 0) html.Raw("<p class=\"open\"><b>This does not prove:</b> "u8).Text(diagnosis.DoesNotProve).Raw("</p>"u8);
        WriteChain(html, diagnosis);
        WriteHints(html, diagnosis);
        WriteChecks(html, diagnosis);
        WriteFacts(html, failure);
        if (failure.Attempts.Count > 0) WriteAttempts(html, failure);
        WriteEvidence(html, diagnosis);
        html.Raw("<section><details><summary>Copy as Markdown</summary><p class=\"open\">For an issue or a colleague. Without the client's address, query values and header values.</p><pre tabindex=\"0\" aria-label=\"as Markdown\">"u8);
        WriteLines(html, MarkdownAnswer.Text(failure, Audience.Operator).TrimEnd('\n').Split('\n'), isShell: false);
        html.Raw("</pre></details></section><p class=\"foot\">You see this page because you came from the gateway's own machine or from a configured operator network. Visitors see a short page with the id only.</p></main>"u8)
            .Raw(PageAssets.Script).Raw("</body></html>\n"u8);
        return html.Written;
    }

    private static void WriteChain(HtmlWriter html, Diagnosis diagnosis)
    {
        html.Raw("<ol class=\"chain\" aria-label=\"The way of the request\">"u8);
        foreach (var link in diagnosis.Chain)
        {
            html.Raw(link.State switch
            {
                ChainState.Passed => "<li class=\"ok\">"u8,
                ChainState.Failed => "<li class=\"bad\">"u8,
                ChainState.Skipped => "<li class=\"skip\">"u8,
                _ => "<li class=\"no\">"u8,
            });
            html.Raw(link.State switch { ChainState.Passed => PageAssets.Tick, ChainState.Failed => PageAssets.Cross, _ => PageAssets.Dash });
            html.Raw("<b>"u8).Text(LinkWords.Name(link.Name)).Raw("</b><span class=\"vh\">"u8).Text(LinkWords.StateForReaders(link.State)).Raw("</span>"u8);
            if (link.Milliseconds is { } ms) html.Raw("<small>"u8).Text(Milliseconds(ms)).Raw("</small>"u8);
            if (link.Detail.Length > 0) html.Raw("<small class=\"d\">"u8).Text(link.Detail, 90).Raw("</small>"u8);
            html.Raw("</li>"u8);
        }

        html.Raw("</ol>"u8);
    }

    private static void WriteHints(HtmlWriter html, Diagnosis diagnosis)
    {
        if (diagnosis.Hints.Count == 0) return;
        html.Raw((diagnosis.Hints.Count, diagnosis.Hints[0].Confidence) switch
        {
            ( > 1, _) => "<section><h2>Reasons, the surest first</h2>"u8,
            (_, Confidence.Proved) => "<section><h2>The reason</h2>"u8,
            (_, Confidence.Likely) => "<section><h2>The likely reason</h2>"u8,
            _ => "<section><h2>A possible reason</h2>"u8,
        });
        foreach (var hint in diagnosis.Hints)
        {
            html.Raw("<article class=\"hint\"><h3><span class=\"tag\">"u8).Text(LinkWords.Confidence(hint.Confidence)).Raw("</span>"u8).Text(hint.Sentence).Raw("</h3><ul class=\"because\">"u8);
            foreach (var line in hint.Evidence) html.Raw("<li>"u8).Text(line).Raw("</li>"u8);
            html.Raw("</ul><pre tabindex=\"0\" aria-label=\"what to try\">"u8);
            WriteLines(html, hint.Try, isShell: true);
            html.Raw("</pre></article>"u8);
        }

        html.Raw("</section>"u8);
    }

    private static void WriteChecks(HtmlWriter html, Diagnosis diagnosis)
    {
        if (diagnosis.Checks.Count == 0) return;
        html.Raw(diagnosis.Hints.Count == 0 ? "<section><h2>What to check now</h2>"u8 : "<section><h2>To find out more</h2>"u8);
        html.Raw("<pre tabindex=\"0\" aria-label=\"the checks\">"u8);
        WriteLines(html, diagnosis.Checks, isShell: true);
        html.Raw("</pre></section>"u8);
    }

    private static void WriteLines(HtmlWriter html, IReadOnlyList<string> lines, bool isShell)
    {
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0) html.Raw("\n"u8);
            if (isShell && lines[i].StartsWith('#')) html.Raw("<span class=\"c\">"u8).Text(lines[i]).Raw("</span>"u8);
            else html.Text(lines[i]);
        }
    }

    private static void WriteFacts(HtmlWriter html, FailureEvent failure)
    {
        var verdict = failure.Diagnosis.Failure;
        html.Raw("<section><h2>In short</h2><dl class=\"facts\">"u8);
        Fact(html, "Look first at"u8, LinkWords.Party(verdict.Party));
        Fact(html, "Trying again"u8, LinkWords.Retry(verdict));
        Fact(html, "Sent to the client"u8, TextAnswer.StatusLine(failure.Status));
        Fact(html, "Stage"u8, $"{ContractNames.Of(verdict.Stage)}; the cause is {LinkWords.Confidence(verdict.Confidence)}");
        Fact(html, "When"u8, TextAnswer.Moment(failure));
        Fact(html, "Incident"u8, failure.Incident);
        if (failure.Diagnosis.NginxMessage.Length > 0)
        {
            html.Raw("<div class=\"wide\"><dt>nginx would have logged</dt><dd><code>"u8).Text(failure.Diagnosis.NginxMessage).Raw("</code></dd></div>"u8);
        }

        html.Raw("</dl></section>"u8);
    }

    private static void Fact(HtmlWriter html, ReadOnlySpan<byte> name, string value) =>
        html.Raw("<div><dt>"u8).Raw(name).Raw("</dt><dd>"u8).Text(value).Raw("</dd></div>"u8);

    private static void WriteAttempts(HtmlWriter html, FailureEvent failure)
    {
        html.Raw("<section><h2>"u8).Raw(failure.Attempts.Count == 1 ? "The attempt"u8 : "The attempts"u8)
            .Raw("</h2><div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th scope=\"col\">#<th scope=\"col\">Destination<th scope=\"col\">Address<th scope=\"col\">Connection<th scope=\"col\">Sent<th scope=\"col\">Received<th scope=\"col\">Time<th scope=\"col\">Outcome</tr></thead><tbody>"u8);
        foreach (var (attempt, cause) in MarkdownAnswer.Rows(failure))
        {
            html.Raw("<tr><td>"u8).Text(attempt.Number.ToString(CultureInfo.InvariantCulture)).Raw("<td>"u8).Text(attempt.Destination, 120)
                .Raw("<td>"u8).Text(attempt.Address ?? string.Join(", ", attempt.AddressesTried.Select(t => t.Address).Take(4)), 160)
                .Raw("<td>"u8).Text(Connection(attempt)).Raw("<td>"u8).Text(Bytes(attempt.BytesSent)).Raw("<td>"u8).Text(Bytes(attempt.BytesReceived))
                .Raw("<td>"u8).Text(Milliseconds(attempt.DurationMs)).Raw("<td><code>"u8).Text(cause).Raw("</code></tr>"u8);
        }

        html.Raw("</tbody></table></div></section>"u8);
    }

    private static string Connection(AttemptFacts attempt) => attempt.RequestNumber switch
    {
        0 => "none",
        1 => "fresh",
        var n => string.Create(CultureInfo.InvariantCulture, $"reused, request {n}"),
    };

    private static void WriteEvidence(HtmlWriter html, Diagnosis diagnosis)
    {
        html.Raw("<section><h2>Evidence</h2><dl class=\"ev\">"u8);
        foreach (var line in diagnosis.Evidence)
        {
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var raw = line.StartsWith("First bytes", StringComparison.Ordinal);
            html.Raw("<dt>"u8).Text(colon < 0 ? "" : line[..colon], 80).Raw(raw ? "</dt><dd><code>"u8 : "</dt><dd>"u8)
                .Text(colon < 0 ? line : line[(colon + 2)..]).Raw(raw ? "</code></dd>"u8 : "</dd>"u8);
        }

        html.Raw("</dl></section>"u8);
    }

    private static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} B");

    private static string Milliseconds(double ms) => ms switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.#} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.#} s"),
    };
}
