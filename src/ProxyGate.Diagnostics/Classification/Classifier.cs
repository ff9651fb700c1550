using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>
/// Facts in, verdict out: pure, total and deterministic. The order is the order of trust: what the client did, what the gateway decided,
/// what ended a tunnel, then what the attempt met, stage by stage.
/// </summary>
public static class Classifier
{
    public static Failure Classify(FailureFacts facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        var request = facts.Request;
        var causes = facts.Attempts.Select(a => Failed(a, request) ? CauseCatalogue.Get(OfAttempt(a, request).Cause) : null).ToArray();
        var deciding = facts.Attempts.Count > 0 ? facts.Attempts[^1] : null;
        var verdict = RequestRules.Client(request, deciding)
            ?? RequestRules.Decision(request)
            ?? RequestRules.Tunnel(request);
        if (verdict is null && deciding is not null)
        {
            // A request saved by a later attempt is told by the fault it was saved from.
            deciding = facts.Attempts.LastOrDefault(a => Failed(a, request)) ?? deciding;

            verdict = OfAttempt(deciding, request);
        }

        return Build(verdict ?? new Verdict(CauseId.Unclassified, Confidence.Possible), facts, deciding, causes);
    }

    private static bool Failed(AttemptFacts attempt, RequestFacts request) =>
        attempt.End != AttemptEnd.Answered || BodyRules.Answered(attempt) is not null || BodyRules.RefusedUpgrade(attempt, request) is not null;

    private static Failure Build(Verdict verdict, FailureFacts facts, AttemptFacts? deciding, Cause?[] causes)
    {
        var cause = CauseCatalogue.Get(verdict.Cause);
        var status = cause.Status;
        var passedOn = status == 0 || (cause.Id == CauseId.UpgradeFailed && deciding?.End == AttemptEnd.Answered);
        if (passedOn) status = deciding?.UpstreamStatus ?? 502;
        else if (cause.Party == Party.Client && facts.Request.ClientFaultStatus is { } own and >= 400 and < 500 && cause.Id != CauseId.ClientDisconnected) status = own;
        return new Failure(
            cause,
            verdict.Stage ?? cause.Stage,
            verdict.Party ?? cause.Party,
            status,
            RetryRules.For(deciding, facts.Request),
            verdict.Confidence,
            deciding,
            causes);
    }

    private static Verdict OfAttempt(AttemptFacts attempt, RequestFacts request) => attempt.End switch
    {
        AttemptEnd.Answered => BodyRules.Answered(attempt) ?? BodyRules.RefusedUpgrade(attempt, request) ?? new Verdict(CauseId.Unclassified, Confidence.Possible),
        AttemptEnd.DnsFailed => ConnectRules.Dns(attempt),
        AttemptEnd.ConnectFailed => ConnectRules.Connect(attempt),
        AttemptEnd.TlsFailed => TlsRules.Handshake(attempt),
        AttemptEnd.VersionNotNegotiated => new Verdict(CauseId.HttpVersionNotNegotiated),
        AttemptEnd.AddressForbidden => new Verdict(CauseId.DestinationForbidden),
        AttemptEnd.DestinationInvalid => new Verdict(CauseId.GatewayConfigInvalid),
        AttemptEnd.TimedOut => HeadRules.TimedOut(attempt),
        AttemptEnd.HeadRefused => HeadRules.Refused(attempt),
        AttemptEnd.ChunkInvalid => new Verdict(CauseId.ResponseChunkInvalid),
        AttemptEnd.BodyTooLarge => new Verdict(CauseId.ResponseTooLarge),
        AttemptEnd.Http2Error => Http2Rules.Error(attempt),
        AttemptEnd.ClientGone => RequestRules.Client(request, attempt) ?? new Verdict(CauseId.ClientDisconnected, Stage: RequestRules.StageOf(attempt)),
        AttemptEnd.GatewayFault => new Verdict(CauseId.GatewayInternalError, Stage: RequestRules.StageOf(attempt)),
        AttemptEnd.PeerClosed or AttemptEnd.PeerReset => attempt.Body is null ? HeadRules.Ended(attempt) : BodyRules.Ended(attempt),
        _ => Unknown(attempt),
    };

    /// <summary>Nothing of ours named the end: what the platform's own numbers say, or plainly nothing.</summary>
    private static Verdict Unknown(AttemptFacts attempt)
    {
        var stage = RequestRules.StageOf(attempt);
        return attempt.HttpError switch
        {
            HttpRequestError.NameResolutionError => ConnectRules.Dns(attempt),
            HttpRequestError.ConnectionError => ConnectRules.Connect(attempt),
            HttpRequestError.SecureConnectionError => TlsRules.Handshake(attempt),
            HttpRequestError.VersionNegotiationError => new Verdict(CauseId.HttpVersionNotNegotiated, Confidence.Likely),
            HttpRequestError.HttpProtocolError => Http2Rules.Error(attempt),
            HttpRequestError.ExtendedConnectNotSupported => new Verdict(CauseId.UpgradeFailed, Confidence.Likely),
            HttpRequestError.InvalidResponse => new Verdict(CauseId.ResponseHeadMalformed, Confidence.Likely, stage == Stage.Body ? Stage.Body : Stage.Head),
            HttpRequestError.ConfigurationLimitExceeded => new Verdict(CauseId.ResponseHeadTooLarge, Confidence.Likely),
            HttpRequestError.ResponseEnded => attempt.Body is null
                ? HeadRules.Ended(attempt with { End = AttemptEnd.PeerClosed })
                : new Verdict(CauseId.ResponseBodyTruncated, Confidence.Likely),
            _ when attempt.SocketError is not null && attempt.RequestNumber > 0 => attempt.Body is null
                ? HeadRules.Ended(attempt with { End = AttemptEnd.PeerReset })
                : new Verdict(CauseId.ResponseBodyReset, Confidence.Likely),
            _ when attempt.SocketError is not null => ConnectRules.Connect(attempt),
            _ => new Verdict(CauseId.Unclassified, Confidence.Possible, stage),
        };
    }
}
