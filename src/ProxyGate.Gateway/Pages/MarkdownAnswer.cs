using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Markdown: as an answer, and as the block that operators copy into an issue. It holds no client address, no query and no value of a
/// header field, so that it can be shown to a stranger who helps.
/// </summary>
internal static class MarkdownAnswer
{
    public static void Write(AnswerBuffer buffer, FailureEvent failure) => Account.Tell(failure, new MarkdownForm(buffer), forStrangers: true);
}
