using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>
/// Which of several failed attempts tells the request's failure. The last one, as it led to the answer, unless it says little and an
/// earlier one at the same destination says more; an attempt nothing is known of gives way to any other. A request saved by a good
/// answer is told by what it was saved from.
/// </summary>
internal static class TellingAttempt
{
    /// <summary><c>null</c> when no attempt failed.</summary>
    public static int? IndexOf(IReadOnlyList<AttemptFacts> attempts, Verdict?[] verdicts)
    {
        var last = Array.FindLastIndex(verdicts, v => v is not null);
        if (last < 0) return null;
        var chosen = last;
        for (var i = last - 1; i >= 0; i--)
        {
            if (verdicts[i] is not { } earlier || Weight(earlier) <= Weight(verdicts[chosen]!.Value)) continue;
            if (Weight(verdicts[last]!.Value) == 0 || attempts[i].Destination == attempts[last].Destination) chosen = i;
        }

        return chosen;
    }

    private static int Weight(Verdict verdict) => verdict.Cause switch
    {
        CauseId.Unclassified => 0,
        // A connection that ended: the symptom of many things.
        CauseId.StaleConnection or CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse
            or CauseId.ConnectReset or CauseId.TlsHandshakeClosed or CauseId.RequestSendFailed => 1,
        _ => 2,
    };
}
