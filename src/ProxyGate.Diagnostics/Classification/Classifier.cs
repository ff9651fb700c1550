using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>
/// Facts in, verdict out: pure, total and deterministic. The order is the order of trust: what the client did, what the gateway decided,
/// what ended a tunnel, then what the attempts met, stage by stage. No message text is ever read.
/// </summary>
public static class Classifier
{
    public static Failure Classify(FailureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var (request, attempts) = (facts.Request, facts.Attempts);
        var verdicts = new Verdict?[attempts.Count];
        for (var i = 0; i < verdicts.Length; i++) verdicts[i] = AttemptRules.Of(attempts[i], request);

        var last = attempts.Count > 0 ? attempts[^1] : null;
        var deciding = last;
        var verdict = RequestRules.Client(request, last)
            ?? RequestRules.Decision(request, anAttemptFailed: Array.Exists(verdicts, v => v is not null))
            ?? RequestRules.Tunnel(request);
        if (verdict is null && TellingAttempt.IndexOf(attempts, verdicts) is { } telling)
        {
            deciding = attempts[telling];
            verdict = verdicts[telling];
        }
        else if (verdict is null && AnswerRules.RefusedUpgrade(request, last) is { } refused)
        {
            // Only where nothing else went wrong: a request that was saved is told by what it was saved from.
            verdict = verdicts[^1] = refused;
        }

        var causes = Array.ConvertAll(verdicts, v => v is { } known ? CauseCatalogue.Get(known.Cause) : null);
        return Build(verdict ?? new Verdict(CauseId.Unclassified, Confidence.Possible), request, last, deciding, causes);
    }

    /// <summary>Whether a request may be sent again after this attempt, by evidence alone. Asked between attempts, before there is a verdict.</summary>
    public static RetryAdvice MayRepeat(AttemptFacts attempt, RequestFacts request)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(request);
        return RetryRules.For(attempt, request);
    }

    /// <summary>
    /// The verdict once network and host have been looked at: the same, unless the look has positive evidence for more. Stage, retry advice
    /// and an answer already passed on stay what they were.
    /// </summary>
    /// <param name="failure">The verdict from the attempts alone.</param>
    /// <param name="look">What was seen of the deciding attempt's destination.</param>
    /// <param name="failedAt">When the request failed.</param>
    public static Failure Refine(Failure failure, InvestigationFacts look, DateTimeOffset failedAt)
    {
        ArgumentNullException.ThrowIfNull(failure);
        ArgumentNullException.ThrowIfNull(look);
        if (failure.Attempt is not { } attempt || attempt.Destination != look.Destination) return failure;
        if (Refinements.Of(failure, look, failedAt) is not { } refined || refined == failure.Cause.Id) return failure;
        var cause = CauseCatalogue.Get(refined);
        return failure with
        {
            Cause = cause,
            Party = cause.Party,
            Status = failure.Status == failure.Cause.Status ? cause.Status : failure.Status,
            Confidence = Confidence.Proved,
            AttemptCauses = [.. failure.AttemptCauses.Select((c, i) => c is not null && c == failure.Cause && i == attempt.Number - 1 ? cause : c)],
        };
    }

    private static Failure Build(Verdict verdict, RequestFacts request, AttemptFacts? last, AttemptFacts? deciding, Cause?[] attemptCauses)
    {
        var cause = CauseCatalogue.Get(verdict.Cause);
        return new Failure(
            cause,
            verdict.Stage ?? cause.Stage,
            verdict.Party ?? cause.Party,
            Status(cause, request, last, deciding),
            RetryRules.For(last, request),
            verdict.Confidence,
            deciding,
            attemptCauses)
        {
            RetryInMs = cause.Id == CauseId.CircuitOpen ? request.OpenCircuit?.RetryInMs : null,
        };
    }

    private static int Status(Cause cause, RequestFacts request, AttemptFacts? last, AttemptFacts? deciding)
    {
        if (cause.Id == CauseId.ClientDisconnected) return cause.Status;
        // What has begun cannot be taken back, and an answer that came whole was passed on.
        if (request.ResponseStarted && last?.UpstreamStatus is { } sent) return sent;
        if (cause.Party == Party.Client && request.ClientFaultStatus is { } own and >= 400 and < 500) return own;
        if (cause.Stage is not (Stage.Route or Stage.Policy) && cause.Party != Party.Client && last is { End: AttemptEnd.Answered, UpstreamStatus: { } passedOn }) return passedOn;
        return cause.Status != 0 ? cause.Status : deciding?.UpstreamStatus ?? 502;
    }
}
