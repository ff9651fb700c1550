using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Pages;

/// <summary>Plain text for operators, short, for a person with curl: the finding, the surest reason with its commands, the id. Everything else is in the other forms.</summary>
internal static class TextAnswer
{
    private const int MaxText = 1024;
    private const int MaxLines = 24;
    private const int MaxOthers = 6;

    public static void Write(AnswerBuffer buffer, FailureEvent failure)
    {
        var d = failure.Diagnosis;
        buffer.Utf8(StatusLine(failure.Status)).Raw("  "u8).Utf8(d.Failure.Cause.Id).Raw("\n\n"u8).Utf8(Clean(d.Sentence))
            .Raw("\nWhere to act: "u8).Utf8(AccountWords.Act(d)).Raw("\n"u8);
        var first = d.Hints.Count > 0 ? d.Hints[0] : null;
        if (d.DoesNotProve.Length > 0 && first is not { Confidence: Confidence.Proved }) buffer.Raw("This does not prove: "u8).Utf8(Clean(d.DoesNotProve)).Raw("\n"u8);
        if (first is not null) WriteHint(buffer, first);
        else WriteLines(buffer, "\nWhat to check now (only looks, changes nothing):\n"u8, "    "u8, d.Checks);
        WriteOthers(buffer, d);
        buffer.Raw("\nFor everything that was seen: curl -H 'Accept: text/markdown' and the same address.\nid "u8)
            .Utf8(failure.Id).Raw(", incident "u8).Utf8(Clean(failure.Incident)).Raw(", "u8).Utf8(Moment(failure)).Raw("\n"u8);
    }

    /// <summary>The other reasons in a line each: a person whose case the first does not fit must not be left with it.</summary>
    private static void WriteOthers(AnswerBuffer buffer, Diagnosis d)
    {
        if (d.Hints.Count <= 1 && d.OtherReasons.Count == 0) return;
        buffer.Raw(d.Hints.Count > 0 ? "\nIf it is not that:\n"u8 : "\nUsual reasons, the most frequent first; there is no sign of them yet:\n"u8);
        foreach (var hint in d.Hints.Skip(1).Take(MaxOthers)) WriteOther(buffer, hint.Sentence, hint.Id);
        foreach (var possibility in d.OtherReasons.Where(p => d.Hints.All(h => h.Id != p.Id)).Take(MaxOthers)) WriteOther(buffer, possibility.Title, possibility.Id);
        buffer.Raw("  proxygate explain NAME says how to check each.\n"u8);
    }

    private static void WriteOther(AnswerBuffer buffer, string words, string id) =>
        buffer.Raw("  - "u8).Utf8(Clean(words.TrimEnd('.'))).Raw(" ("u8).Utf8(Clean(id)).Raw(")\n"u8);

    private static void WriteHint(AnswerBuffer buffer, Hint hint)
    {
        buffer.Raw(hint.Confidence switch { Confidence.Proved => "\nProved: "u8, Confidence.Likely => "\nLikely: "u8, _ => "\nPossible: "u8 })
            .Utf8(Clean(hint.Sentence)).Raw("\n"u8);
        WriteLines(buffer, default, "  because: "u8, hint.Evidence);
        if (hint.Confidence == Confidence.Proved) WriteLines(buffer, "  fix:\n"u8, "    "u8, hint.Fix);
        WriteLines(buffer, hint.Fix.Count == 0 ? default : "  check:\n"u8, "    "u8, hint.Try);
        if (hint.Confidence != Confidence.Proved) WriteLines(buffer, "  fix:\n"u8, "    "u8, hint.Fix);
    }

    private static void WriteLines(AnswerBuffer buffer, ReadOnlySpan<byte> heading, ReadOnlySpan<byte> before, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        buffer.Raw(heading);
        for (var i = 0; i < lines.Count && i < MaxLines; i++) buffer.Raw(before).Utf8(Clean(lines[i])).Raw("\n"u8);
    }

    public static string StatusLine(int status) => ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } reason
        ? string.Create(CultureInfo.InvariantCulture, $"{status} {reason}")
        : status.ToString(CultureInfo.InvariantCulture);

    public static string Moment(FailureEvent failure) => failure.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Clean(string value) => HostileText.Line(value, MaxText);
}
