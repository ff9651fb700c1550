using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Markdown: as an answer, and as the block that operators copy into an issue. It holds no client address, no query and no header values
/// of the request, so that it can be shown to a stranger who helps.
/// </summary>
internal static class MarkdownAnswer
{
    private const int MaxText = 1024;
    private const string Specials = "\\`*_{}[]()#+!|~$";

    public static ReadOnlyMemory<byte> Write(FailureEvent failure, Audience audience) => Encoding.UTF8.GetBytes(Text(failure, audience));

    public static string Text(FailureEvent failure, Audience audience)
    {
        var text = new StringBuilder(2048);
        if (audience == Audience.Operator) AppendOperator(text, failure);
        else AppendPublic(text, failure);
        return text.ToString();
    }

    private static void AppendPublic(StringBuilder text, FailureEvent failure)
    {
        text.Append("# ").Append(failure.Diagnosis.PublicTitle).Append("\n\n").Append(failure.Diagnosis.PublicSentence).Append("\n\n");
        text.Append("- Status: ").Append(TextAnswer.StatusLine(failure.Status)).Append('\n');
        text.Append("- Id: `").Append(failure.Id).Append("`\n- Time: ").Append(TextAnswer.Moment(failure)).Append('\n');
    }

    private static void AppendOperator(StringBuilder text, FailureEvent failure)
    {
        var d = failure.Diagnosis;
        var verdict = d.Failure;
        text.Append("# ").Append(TextAnswer.StatusLine(failure.Status)).Append(": `").Append(verdict.Cause.Id).Append("`\n\n");
        text.Append(Escape(d.Sentence)).Append("\n\n");
        if (d.DoesNotProve.Length > 0) text.Append("**This does not prove:** ").Append(Escape(d.DoesNotProve)).Append("\n\n");
        text.Append("- Look first at: ").Append(LinkWords.Party(verdict.Party)).Append('\n');
        text.Append("- Stage: `").Append(ContractNames.Of(verdict.Stage)).Append("`, confidence: ").Append(LinkWords.Confidence(verdict.Confidence)).Append('\n');
        text.Append("- Id: `").Append(failure.Id).Append("`, incident: ").Append(Code(failure.Incident)).Append(", ").Append(TextAnswer.Moment(failure)).Append("\n\n");
        text.Append("## The way of the request\n\n");
        foreach (var link in d.Chain)
        {
            text.Append("- ").Append(LinkWords.Mark(link.State)).Append(' ').Append(LinkWords.Name(link.Name));
            if (link.Milliseconds is { } ms) text.Append(CultureInfo.InvariantCulture, $", {ms:0.#} ms");
            if (link.Detail.Length > 0 && link.State != Diagnostics.Explanation.ChainState.NotReached) text.Append(": ").Append(Escape(link.Detail));
            text.Append('\n');
        }

        foreach (var hint in d.Hints)
        {
            text.Append("\n## ").Append(LinkWords.Confidence(hint.Confidence)).Append(": `").Append(hint.Id).Append("`\n\n").Append(Escape(hint.Sentence)).Append("\n\n");
            foreach (var line in hint.Evidence) text.Append("- because: ").Append(Escape(line)).Append('\n');
            AppendBlock(text, hint.Try, "sh");
        }

        if (d.Checks.Count > 0)
        {
            text.Append("\n## To find out more\n");
            AppendBlock(text, d.Checks, "sh");
        }

        AppendAttempts(text, failure);
        text.Append("\n## Evidence\n");
        AppendBlock(text, d.Evidence, "text");
        if (d.NginxMessage.Length > 0)
        {
            text.Append("\nnginx would have logged:\n");
            AppendBlock(text, [d.NginxMessage], "text");
        }
    }

    private static void AppendAttempts(StringBuilder text, FailureEvent failure)
    {
        if (failure.Attempts.Count < 2) return;
        text.Append("\n## Attempts\n\n| # | destination | address | cause | ms |\n|---|---|---|---|---|\n");
        foreach (var (attempt, cause) in Rows(failure))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {attempt.Number} | {Escape(attempt.Destination)} | {Escape(attempt.Address ?? "none")} | `{cause}` | {attempt.DurationMs:0.#} |\n");
        }
    }

    public static IEnumerable<(AttemptFacts Attempt, string Cause)> Rows(FailureEvent failure)
    {
        var causes = failure.Diagnosis.Failure.AttemptCauses;
        for (var i = 0; i < failure.Attempts.Count; i++)
        {
            yield return (failure.Attempts[i], i < causes.Count && causes[i] is { } cause ? cause.Id : "answered");
        }
    }

    /// <summary>A fence longer than any run of backticks inside cannot be closed from inside.</summary>
    private static void AppendBlock(StringBuilder text, IReadOnlyList<string> lines, string language)
    {
        var fence = new string('`', Math.Max(3, lines.Max(LongestRun) + 1));
        text.Append('\n').Append(fence).Append(language).Append('\n');
        foreach (var line in lines) text.Append(HostileText.Line(line, MaxText)).Append('\n');
        text.Append(fence).Append('\n');
    }

    private static string Code(string value)
    {
        var clean = HostileText.Line(value, 256);
        var fence = new string('`', LongestRun(clean) + 1);
        return clean.StartsWith('`') || clean.EndsWith('`') ? $"{fence} {clean} {fence}" : fence + clean + fence;
    }

    private static int LongestRun(string text)
    {
        var longest = 0;
        var run = 0;
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    /// <summary>Nothing in the value is markup afterwards, neither Markdown's nor HTML's, and no address becomes a link by its colon alone.</summary>
    private static string Escape(string value)
    {
        var clean = HostileText.Line(value, MaxText);
        var escaped = new StringBuilder(clean.Length + 16);
        for (var i = 0; i < clean.Length; i++)
        {
            var c = clean[i];
            if (c == '<') escaped.Append("&lt;");
            else if (c == '>') escaped.Append("&gt;");
            else if (c == '&') escaped.Append("&amp;");
            else if (Specials.Contains(c, StringComparison.Ordinal) && NeedsEscape(clean, i)) escaped.Append('\\').Append(c);
            else escaped.Append(c);
        }

        return escaped.ToString();
    }

    /// <summary>Plain prose stays readable: brackets alone, and a hash or plus in a line, mean nothing to Markdown.</summary>
    private static bool NeedsEscape(string text, int at) => text[at] switch
    {
        '(' or ')' => at > 0 && text[at - 1] == ']',
        '#' or '+' => at == 0,
        '_' => at == 0 || at == text.Length - 1 || !char.IsAsciiLetterOrDigit(text[at - 1]) || !char.IsAsciiLetterOrDigit(text[at + 1]),
        _ => true,
    };
}
