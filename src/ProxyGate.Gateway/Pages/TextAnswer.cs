using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages;

/// <summary>Plain text, short, for a person at a terminal.</summary>
internal static class TextAnswer
{
    private const int MaxText = 1024;

    public static ReadOnlyMemory<byte> Write(FailureEvent failure, Audience audience)
    {
        var text = new StringBuilder(1024);
        if (audience == Audience.Operator) AppendOperator(text, failure);
        else AppendPublic(text, failure);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void AppendPublic(StringBuilder text, FailureEvent failure)
    {
        text.Append(StatusLine(failure.Status)).Append('\n').Append(failure.Diagnosis.PublicTitle).Append(".\n");
        text.Append(failure.Diagnosis.PublicSentence).Append("\n\n");
        text.Append("id ").Append(failure.Id).Append(", ").Append(Moment(failure)).Append('\n');
    }

    private static void AppendOperator(StringBuilder text, FailureEvent failure)
    {
        var d = failure.Diagnosis;
        text.Append(StatusLine(failure.Status)).Append("  ").Append(d.Failure.Cause.Id).Append("\n\n");
        text.Append(Clean(d.Sentence)).Append('\n');
        if (d.DoesNotProve.Length > 0) text.Append("This does not prove: ").Append(Clean(d.DoesNotProve)).Append('\n');
        text.Append('\n').AppendJoin("  ", d.Chain.Select(Link)).Append('\n');
        foreach (var hint in d.Hints)
        {
            text.Append('\n').Append(Capital(LinkWords.Confidence(hint.Confidence))).Append(": ").Append(Clean(hint.Sentence)).Append('\n');
            foreach (var line in hint.Evidence) text.Append("  because: ").Append(Clean(line)).Append('\n');
            foreach (var line in hint.Try) text.Append("    ").Append(Clean(line)).Append('\n');
        }

        if (d.Checks.Count > 0)
        {
            text.Append("\nTo find out more:\n");
            foreach (var line in d.Checks) text.Append("    ").Append(Clean(line)).Append('\n');
        }

        text.Append("\nid ").Append(failure.Id).Append(", incident ").Append(failure.Incident).Append(", ").Append(Moment(failure)).Append('\n');
    }

    public static string StatusLine(int status) => string.Create(CultureInfo.InvariantCulture, $"{status} {ReasonPhrases.GetReasonPhrase(status)}").TrimEnd();

    public static string Moment(FailureEvent failure) => failure.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Link(ChainLink link) => link.State switch
    {
        ChainState.Failed => $"{LinkWords.Mark(link.State)} {link.Name} ({Clean(link.Detail)})",
        _ => $"{LinkWords.Mark(link.State)} {link.Name}",
    };

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];

    private static string Clean(string value) => HostileText.Line(value, MaxText);
}
