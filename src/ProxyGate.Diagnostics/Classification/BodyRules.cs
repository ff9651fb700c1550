using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>The head was whole; the body that should have followed was not.</summary>
internal static class BodyRules
{
    public static Verdict Ended(AttemptFacts attempt)
    {
        // The connection broke because the app had refused the upload: its status is known, and is the story.
        if (AnswerRules.IsEarlyRefusal(attempt)) return new Verdict(CauseId.UploadRejectedEarly);
        if (attempt.Tls is { } tls && TlsRules.RealAlert(tls) is not null) return new Verdict(CauseId.TlsAlertReceived, Stage: Stage.Body);
        return new Verdict(attempt.End == AttemptEnd.PeerReset ? CauseId.ResponseBodyReset : CauseId.ResponseBodyTruncated);
    }
}
