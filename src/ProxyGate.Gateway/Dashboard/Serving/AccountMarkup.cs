using System.Text;
using Microsoft.AspNetCore.Components;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Html;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>The operator's page's parts, for screens. The page's own writer has escaped them.</summary>
internal static class AccountMarkup
{
    /// <summary>The sentence as the heading, where to act, and the chain.</summary>
    public static MarkupString Head(FailureEvent failure) => Written(form =>
    {
        form.Finding(failure);
        form.Chain(failure.Diagnosis.Chain);
    });

    /// <summary>Reasons, commands, what was seen, the record.</summary>
    public static MarkupString Rest(FailureEvent failure) => Written(form => Account.TellReasonsAndRecord(failure, form, forStrangers: false));

    /// <summary>The same as Markdown for strangers.</summary>
    public static string Markdown(FailureEvent failure)
    {
        using var buffer = new AnswerBuffer(8 * 1024);
        MarkdownAnswer.Write(buffer, failure);
        return Encoding.UTF8.GetString(buffer.Written.Span).TrimEnd('\n');
    }

    private static MarkupString Written(Action<HtmlForm> write)
    {
        using var buffer = new AnswerBuffer();
        write(new HtmlForm(new HtmlWriter(buffer)));
        return new MarkupString(Encoding.UTF8.GetString(buffer.Written.Span));
    }
}
