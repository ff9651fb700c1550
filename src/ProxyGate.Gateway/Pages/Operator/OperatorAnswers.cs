using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Stencils;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>
/// The operator's answers. Those of an open circuit are alike but for id, time, path and counts, and they come in storms: they are written once for
/// each state of things, and then only filled in.
/// </summary>
internal sealed class OperatorAnswers
{
    /// <summary>A page is some 40 KiB; there are as many states at one time as circuits that opened lately.</summary>
    private const int MostStencils = 64;

    private readonly Stencils<OperatorKey, OperatorStencil> _stencils = new(MostStencils);

    /// <summary>The stencil for this failure's answer, where it has one.</summary>
    public OperatorStencil? Find(AnswerFormat format, FailureEvent failure) =>
        Differs(failure) ? null : _stencils.Find(OperatorKey.Of(format, failure), (format, failure), static a => OperatorStencil.Cut(a.format, a.failure));

    public static void Write(AnswerBuffer buffer, AnswerFormat format, FailureEvent failure)
    {
        switch (format)
        {
            case AnswerFormat.Html:
                OperatorPage.Write(buffer, failure);
                break;
            case AnswerFormat.ProblemJson:
                ProblemAnswer.Write(buffer, failure);
                break;
            case AnswerFormat.Markdown:
                MarkdownAnswer.Write(buffer, failure);
                break;
            default:
                TextAnswer.Write(buffer, failure);
                break;
        }
    }

    /// <summary>What an attempt met is its own; and what is not plain is written by who knows how to write it.</summary>
    private static bool Differs(FailureEvent failure) =>
        failure is not { Diagnosis: { Failure.Cause.Id: CauseId.CircuitOpen, Investigation: null }, Attempts.Count: 0 }
        || !PlainText.IsPath(failure.Request.Path) || !PlainText.IsWord(failure.Id) || (failure.TraceId is { } trace && !PlainText.IsWord(trace));
}
