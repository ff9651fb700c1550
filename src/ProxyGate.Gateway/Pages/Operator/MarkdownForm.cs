using System.Buffers;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Guides;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>The account as Markdown (CommonMark with tables): nothing in a value is markup afterwards, neither Markdown's nor HTML's.</summary>
internal sealed class MarkdownForm(AnswerBuffer buffer) : IAccountForm
{
    private const int MaxText = 1024;
    private const int MaxValues = 32 * 1024;
    private static readonly SearchValues<char> Special = SearchValues.Create("\\`*_{}[]()#+!|~$<>&");
    private int _left = MaxValues;

    public void Finding(FailureEvent failure)
    {
        var d = failure.Diagnosis;
        buffer.Raw("# "u8).Utf8(TextAnswer.StatusLine(failure.Status)).Raw(": `"u8).Utf8(d.Failure.Cause.Id).Raw("`\n\n"u8);
        Text(d.Sentence).Raw("\n\n**Where to act:** "u8);
        Text(AccountWords.Act(d)).Raw("\n"u8);
        if (d.DoesNotProve.Length == 0) return;
        buffer.Raw("\n**This does not prove:** "u8);
        Text(d.DoesNotProve).Raw("\n"u8);
    }

    public void Chain(IReadOnlyList<ChainLink> chain)
    {
        buffer.Raw("\n## The way of the request\n\n"u8);
        foreach (var link in chain)
        {
            buffer.Raw("- "u8).Utf8(LinkWords.Mark(link.State)).Raw(" "u8).Utf8(LinkWords.Name(link.Name));
            if (link.Milliseconds is { } ms) buffer.Raw(", "u8).Utf8(AccountWords.Time(ms));
            if (link.Detail.Length > 0 && link.State != ChainState.NotReached)
            {
                buffer.Raw(": "u8);
                Text(link.Detail);
            }

            buffer.Raw("\n"u8);
        }
    }

    public void Open(string heading, string note = "")
    {
        buffer.Raw("\n## "u8).Utf8(heading).Raw("\n"u8);
        if (note.Length > 0) Sentence(note);
    }

    public void Close()
    {
        // A section ends where the next begins.
    }

    public void OpenReason(Hint hint)
    {
        buffer.Raw("\n### "u8).Utf8(LinkWords.Confidence(hint.Confidence)).Raw(": "u8);
        Code(hint.Id);
        buffer.Raw("\n"u8);
        Sentence(hint.Sentence);
        if (hint.Evidence.Count == 0) return;
        buffer.Raw("\nBecause:\n"u8);
        Items(hint.Evidence);
    }

    public void CloseReason()
    {
        // As above.
    }

    public void OpenAside(string title)
    {
        buffer.Raw("\n### "u8);
        Text(title, 300).Raw("\n"u8);
    }

    public void CloseAside()
    {
        // As above.
    }

    public void Sentence(string text)
    {
        buffer.Raw("\n"u8);
        Text(text).Raw("\n"u8);
    }

    public void Items(IReadOnlyList<string> lines)
    {
        buffer.Raw("\n"u8);
        for (var i = 0; i < lines.Count && i < 24; i++)
        {
            buffer.Raw("- "u8);
            Text(lines[i]).Raw("\n"u8);
        }
    }

    /// <summary>A fence longer than any run of backticks inside cannot be closed from inside.</summary>
    public void Commands(CommandKind kind, IReadOnlyList<string> lines)
    {
        buffer.Raw("\n"u8).Utf8(AccountWords.Label(kind));
        if (AccountWords.LabelNote(kind) is { Length: > 0 } note) buffer.Raw(" ("u8).Utf8(note).Raw(")"u8);
        var fence = 3;
        foreach (var line in lines) fence = Math.Max(fence, LongestRun(line) + 1);
        buffer.Raw(":\n\n"u8);
        Fence(fence).Raw("sh\n"u8);
        foreach (var line in lines) buffer.Utf8(Clean(line, MaxText)).Raw("\n"u8);
        Fence(fence).Raw("\n"u8);
    }

    public void Facts(IReadOnlyList<Fact> facts)
    {
        buffer.Raw("\n"u8);
        foreach (var fact in facts)
        {
            buffer.Raw("- "u8);
            if (fact.Name.Length > 0) Text(fact.Name, 100).Raw(": "u8);
            if (fact.IsCode) Code(fact.Value);
            else Text(fact.Value);
            buffer.Raw("\n"u8);
        }
    }

    public void Attempts(IReadOnlyList<AttemptRow> rows)
    {
        buffer.Raw("\n| No. | Destination | Address | Connection | Sent | Received | Time | Outcome |\n|---|---|---|---|---|---|---|---|\n"u8);
        foreach (var row in rows)
        {
            buffer.Raw("| "u8).Utf8(row.Number).Raw(" | "u8);
            Text(row.Destination, 120).Raw(" | "u8);
            Text(row.Address, 200).Raw(" | "u8);
            buffer.Utf8(row.Connection).Raw(" | "u8).Utf8(row.Sent).Raw(" | "u8).Utf8(row.Received).Raw(" | "u8).Utf8(row.Time).Raw(" | `"u8).Utf8(row.Outcome).Raw("` |\n"u8);
        }
    }

    public void Equivalents(IReadOnlyList<Equivalent> equivalents)
    {
        buffer.Raw("\n"u8);
        foreach (var equivalent in equivalents)
        {
            buffer.Raw("- "u8);
            Text(equivalent.System, 60).Raw(": "u8);
            Code(equivalent.Message);
            if (equivalent.Difference.Length > 0)
            {
                buffer.Raw(" "u8);
                Text(equivalent.Difference, 400);
            }

            buffer.Raw("\n"u8);
        }
    }

    private string Clean(string value, int most)
    {
        var clean = HostileText.Line(value, Math.Min(most, _left));
        _left = Math.Max(0, _left - clean.Length);
        return clean;
    }

    /// <summary>A code span; where the value holds a backtick or a tag, escaped text, which no reader takes for anything else.</summary>
    private void Code(string value)
    {
        if (value.AsSpan().ContainsAny('`', '<')) Text(value);
        else buffer.Raw("`"u8).Utf8(value.Length == 0 ? " " : Clean(value, MaxText)).Raw("`"u8);
    }

    private AnswerBuffer Fence(int length)
    {
        for (var i = 0; i < length; i++) buffer.Raw("`"u8);
        return buffer;
    }

    private static int LongestRun(string text)
    {
        if (!text.Contains('`', StringComparison.Ordinal)) return 0;
        var (longest, run) = (0, 0);
        foreach (var c in text)
        {
            run = c == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    private AnswerBuffer Text(string value, int most = MaxText)
    {
        var clean = Clean(value, most);
        var from = 0;
        for (var at = clean.AsSpan().IndexOfAny(Special); at >= 0 && at < clean.Length;)
        {
            buffer.Utf8(clean.AsSpan(from, at - from)).Raw(clean[at] switch
            {
                '<' => "&lt;"u8,
                '>' => "&gt;"u8,
                '&' => "&amp;"u8,
                _ => NeedsEscape(clean, at) ? "\\"u8 : ""u8,
            });
            from = clean[at] is '<' or '>' or '&' ? at + 1 : at;
            var next = clean.AsSpan(at + 1).IndexOfAny(Special);
            if (next < 0) break;
            at += 1 + next;
        }

        return buffer.Utf8(clean.AsSpan(from));
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
