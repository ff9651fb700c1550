using System.Globalization;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Gateway.Pages.Html;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>The account as HTML: headings in order, lists as lists, what can be folded in details; nothing of it needs the script.</summary>
internal sealed class HtmlForm(HtmlWriter html) : IAccountForm
{
    private bool _first = true;

    public void Finding(FailureEvent failure)
    {
        var d = failure.Diagnosis;
        html.Raw("<h1>"u8).Text(d.Sentence).Raw("</h1><dl class=\"lead\"><div><dt>Where to act</dt><dd><b>"u8).Text(AccountWords.Act(d)).Raw("</b></dd></div>"u8);
        if (d.DoesNotProve.Length > 0) html.Raw("<div><dt>This does not prove</dt><dd>"u8).Text(d.DoesNotProve).Raw("</dd></div>"u8);
        html.Raw("</dl>"u8);
    }

    public void Chain(IReadOnlyList<ChainLink> chain)
    {
        html.Raw("<h2 class=\"vh\">The way of the request</h2><ol class=\"chain\">"u8);
        foreach (var link in chain)
        {
            html.Raw(link.State switch
            {
                ChainState.Passed => "<li class=\"ok\">"u8,
                ChainState.Failed => "<li class=\"bad\">"u8,
                ChainState.Skipped => "<li class=\"skip\">"u8,
                _ => "<li class=\"no\">"u8,
            });
            html.Raw(link.State switch { ChainState.Passed => PageAssets.Tick, ChainState.Failed => PageAssets.Cross, _ => PageAssets.Dash });
            html.Raw("<b>"u8).Text(LinkWords.Name(link.Name)).Raw("</b>"u8);
            html.Raw("<span class=\"vh\"> "u8).Text(LinkWords.StateForReaders(link.State)).Raw(" </span>"u8);
            if (link.Milliseconds is { } ms && link.State is ChainState.Passed or ChainState.Failed) html.Raw("<small class=\"t\">"u8).Text(AccountWords.Time(ms)).Raw("</small>"u8);
            if (link.Detail.Length > 0 && link.State != ChainState.NotReached) html.Raw("<small>"u8).Text(link.Detail, 90).Raw("</small>"u8);
            html.Raw("</li>"u8);
        }

        html.Raw("</ol>"u8);
    }

    public void Open(string heading, string note = "")
    {
        html.Raw("<section><h2>"u8).Text(heading).Raw("</h2>"u8);
        if (note.Length > 0) html.Raw("<p class=\"note\">"u8).Text(note).Raw("</p>"u8);
    }

    public void Close() => html.Raw("</section>"u8);

    public void OpenReason(Hint hint)
    {
        html.Raw(_first ? "<article class=\"hint top\"><h3><span class=\"tag "u8 : "<article class=\"hint\"><h3><span class=\"tag "u8)
            .Raw(hint.Confidence switch { Confidence.Proved => "sure\">"u8, Confidence.Likely => "likely\">"u8, _ => "maybe\">"u8 })
            .Text(LinkWords.Confidence(hint.Confidence)).Raw("</span> "u8).Text(hint.Sentence).Raw("</h3>"u8);
        _first = false;
        if (hint.Evidence.Count == 0) return;
        html.Raw("<p class=\"lab\">Because</p>"u8);
        Items(hint.Evidence);
    }

    public void CloseReason() => html.Raw("</article>"u8);

    public void OpenAside(string title) => html.Raw("<details><summary>"u8).Text(title, 300).Raw("</summary><div class=\"in\">"u8);

    public void CloseAside() => html.Raw("</div></details>"u8);

    public void Sentence(string text) => html.Raw("<p>"u8).Text(text).Raw("</p>"u8);

    public void Items(IReadOnlyList<string> lines)
    {
        html.Raw("<ul>"u8);
        for (var i = 0; i < lines.Count && i < 24; i++) html.Raw("<li>"u8).Text(lines[i]).Raw("</li>"u8);
        html.Raw("</ul>"u8);
    }

    public void Commands(CommandKind kind, IReadOnlyList<string> lines)
    {
        html.Raw(kind == CommandKind.Fix ? "<figure class=\"fix\"><figcaption><b>"u8 : "<figure><figcaption><b>"u8).Text(AccountWords.Label(kind)).Raw("</b>"u8);
        if (AccountWords.LabelNote(kind) is { Length: > 0 } note) html.Raw(" <span>"u8).Text(note).Raw("</span>"u8);
        html.Raw("</figcaption><pre>"u8);
        for (var i = 0; i < lines.Count; i++)
        {
            if (i > 0) html.Raw("\n"u8);
            if (lines[i].StartsWith('#')) html.Raw("<span class=\"c\">"u8).Text(lines[i]).Raw("</span>"u8);
            else html.Text(lines[i]);
        }

        html.Raw("</pre></figure>"u8);
    }

    public void Facts(IReadOnlyList<Fact> facts)
    {
        html.Raw("<dl class=\"facts\">"u8);
        foreach (var fact in facts)
        {
            html.Raw("<dt>"u8).Text(fact.Name, 100).Raw(fact.IsCode ? "</dt><dd><code>"u8 : "</dt><dd>"u8).Text(fact.Value).Raw(fact.IsCode ? "</code></dd>"u8 : "</dd>"u8);
        }

        html.Raw("</dl>"u8);
    }

    public void Attempts(IReadOnlyList<AttemptRow> rows)
    {
        html.Raw("<table><thead><tr><th scope=\"col\">No.</th><th scope=\"col\">Destination</th><th scope=\"col\">Address</th><th scope=\"col\">Connection</th><th scope=\"col\">Sent</th><th scope=\"col\">Received</th><th scope=\"col\">Time</th><th scope=\"col\">Outcome</th></tr></thead><tbody>"u8);
        foreach (var row in rows)
        {
            html.Raw("<tr><td data-l=\"No.\">"u8).Text(row.Number).Raw("</td><td data-l=\"Destination\">"u8).Text(row.Destination, 120)
                .Raw("</td><td data-l=\"Address\">"u8).Text(row.Address, 200).Raw("</td><td data-l=\"Connection\">"u8).Text(row.Connection)
                .Raw("</td><td data-l=\"Sent\">"u8).Text(row.Sent).Raw("</td><td data-l=\"Received\">"u8).Text(row.Received)
                .Raw("</td><td data-l=\"Time\">"u8).Text(row.Time).Raw("</td><td data-l=\"Outcome\"><code>"u8).Text(row.Outcome).Raw("</code></td></tr>"u8);
        }

        html.Raw("</tbody></table>"u8);
    }

    public void Equivalents(IReadOnlyList<Equivalent> equivalents)
    {
        html.Raw("<details><summary>"u8).Text(string.Create(CultureInfo.InvariantCulture, $"{equivalents.Count} more: what the same fault is called elsewhere")).Raw("</summary><div class=\"in\"><dl class=\"facts\">"u8);
        foreach (var equivalent in equivalents)
        {
            html.Raw("<dt>"u8).Text(equivalent.System, 60).Raw("</dt><dd><code>"u8).Text(equivalent.Message, 300).Raw("</code>"u8);
            if (equivalent.Difference.Length > 0) html.Raw(" <span>"u8).Text(equivalent.Difference, 400).Raw("</span>"u8);
            html.Raw("</dd>"u8);
        }

        html.Raw("</dl></div></details>"u8);
    }
}
