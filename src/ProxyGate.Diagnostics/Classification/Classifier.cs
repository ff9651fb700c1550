using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

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
            // Only where nothing else went wrong: an offer to upgrade may be ignored by an app that serves the request well.
            verdict = verdicts[^1] = refused;
        }

        var causes = Array.ConvertAll(verdicts, v => v is { } known ? CauseCatalogue.Get(known.Cause) : null);
        return Build(verdict ?? new Verdict(CauseId.Unclassified, Confidence.Possible), request, last, deciding, causes);
    }

    private static Failure Build(Verdict verdict, RequestFacts request, AttemptFacts? last, AttemptFacts? deciding, Cause?[] attemptCauses)
    {
        var cause = CauseCatalogue.Get(verdict.Cause);
        return new Failure(
            cause,
            verdict.Stage ?? cause.Stage,
            verdict.Party ?? cause.Party,
            Status(cause, request, deciding),
            RetryRules.For(last, request),
            verdict.Confidence,
            deciding,
            attemptCauses);
    }

    private static int Status(Cause cause, RequestFacts request, AttemptFacts? deciding)
    {
        if (cause.Id == CauseId.ClientDisconnected) return cause.Status;
        if (cause.Party == Party.Client && request.ClientFaultStatus is { } own and >= 400 and < 500) return own;
        // The app's own answer is passed on as it is.
        var passedOn = cause.Status == 0 || (cause.Id == CauseId.UpgradeFailed && deciding is { End: AttemptEnd.Answered });
        return passedOn ? deciding?.UpstreamStatus ?? 502 : cause.Status;
    }
}
