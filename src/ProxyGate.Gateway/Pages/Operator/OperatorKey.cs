using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>
/// All that decides how a failure without an attempt is told, but for what goes into a stencil's holes. The request is compared whole, so that what is
/// added to it later counts as well.
/// </summary>
internal readonly record struct OperatorKey(
    AnswerFormat Format,
    RequestFacts Request,
    int Status,
    string Incident,
    bool HasTrace,
    IReadOnlyList<EarlierFailure>? Before,
    string? RouteSource,
    string? RouteMatch,
    string? DestinationSource,
    DateOnly Day,
    bool HasContext,
    bool IsTold)
{
    public static OperatorKey Of(AnswerFormat format, FailureEvent failure)
    {
        var context = failure.Diagnosis.Context;
        var request = failure.Request;
        return new OperatorKey(
            format,
            request with { Path = "", DurationMs = 0, OpenCircuit = request.OpenCircuit is { } open ? open with { RetryInMs = open.RetryInSeconds * 1000 } : null },
            failure.Status,
            failure.Incident,
            !string.IsNullOrEmpty(failure.TraceId),
            context?.Before,
            context?.RouteSource,
            context?.RouteMatch,
            context?.DestinationSource,
            DateOnly.FromDateTime((context?.Now ?? failure.Time).UtcDateTime),
            context is not null,
            format != AnswerFormat.Text && failure.Diagnosis.ContextLines.Count > 0);
    }
}
