using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>A limit of ours passed.</summary>
internal static class TimeoutRules
{
    public static Verdict Of(AttemptFacts attempt) => attempt.TimedOut switch
    {
        TimeoutPhase.Dns => new Verdict(CauseId.DnsTimeout),
        TimeoutPhase.Connect => ConnectRules.Connect(attempt),
        TimeoutPhase.Tls => TlsRules.TimedOut(attempt),
        TimeoutPhase.Send => new Verdict(CauseId.RequestSendTimeout, Party: WhoIsSilent(attempt)),
        TimeoutPhase.FirstByte when attempt.Body is not null => new Verdict(CauseId.ResponseBodyStalled),
        // The limit on the answer begins before the request is sent only when sending had failed and a late answer was hoped for.
        TimeoutPhase.FirstByte when attempt is { RequestComplete: false, BodyBytesSent: > 0 } => new Verdict(CauseId.RequestSendFailed, Confidence.Likely),
        TimeoutPhase.FirstByte or TimeoutPhase.Head => Head(attempt),
        TimeoutPhase.Idle => AttemptRules.IsTunnel(attempt) ? new Verdict(CauseId.UpgradeIdleTimeout) : new Verdict(CauseId.ResponseBodyStalled),
        TimeoutPhase.Total => Total(attempt),
        _ => new Verdict(CauseId.Unclassified, Confidence.Possible, AttemptRules.StageOf(attempt)),
    };

    private static Verdict Head(AttemptFacts attempt) => HeadRules.SpeaksAnotherProtocol(attempt)
        ? HeadRules.NotHttp(attempt)
        : new Verdict(CauseId.ResponseTimeout, Party: WhoIsSilent(attempt));

    /// <summary>The limit of the whole request says where it stood when time was up, not that this was the slow part.</summary>
    private static Verdict Total(AttemptFacts attempt)
    {
        var stage = AttemptRules.StageOf(attempt);
        return stage switch
        {
            Stage.Dns => new Verdict(CauseId.DnsTimeout, Confidence.Likely),
            Stage.Connect => new Verdict(CauseId.ConnectTimeout, Confidence.Likely),
            Stage.Tls => new Verdict(CauseId.TlsHandshakeTimeout, Confidence.Likely),
            // RFC 9209 section 2.3.17: http_response_timeout is about the complete response.
            _ => new Verdict(CauseId.ResponseTimeout, Confidence.Likely, stage),
        };
    }

    /// <summary>Nothing of the request was acknowledged although it was sent again and again: the path is cut, the app never saw it.</summary>
    private static Party? WhoIsSilent(AttemptFacts attempt) =>
        attempt.Tcp is { RequestBytesAcked: 0, RequestBytesOnWire: > 0, Retransmits: > 0 } ? Party.Network : null;
}
