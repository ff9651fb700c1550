using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Markdown: as an answer, and as the block that operators copy into an issue. It holds no client address, no query and no value of a
/// header field, so that it can be shown to a stranger who helps.
/// </summary>
internal static class MarkdownAnswer
{
    public static void Write(AnswerBuffer buffer, FailureEvent failure, Audience audience)
    {
        if (audience == Audience.Operator) Account.Tell(failure, new MarkdownForm(buffer), forStrangers: true);
        else WritePublic(buffer, failure);
    }

    private static void WritePublic(AnswerBuffer buffer, FailureEvent failure) => buffer
        .Raw("# "u8).Utf8(failure.Diagnosis.PublicTitle).Raw("\n\n"u8).Utf8(failure.Diagnosis.PublicSentence)
        .Raw("\n\n- Status: "u8).Utf8(TextAnswer.StatusLine(failure.Status))
        .Raw("\n- Id: `"u8).Utf8(failure.Id).Raw("`\n- Time: "u8).Utf8(TextAnswer.Moment(failure)).Raw("\n"u8);
}
