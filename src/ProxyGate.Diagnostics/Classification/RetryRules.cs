using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>Whether a request may be sent again after its last attempt, by evidence alone (RFC 9110 section 9.2.2, RFC 9113 section 8.7).</summary>
internal static class RetryRules
{
    public static RetryAdvice For(AttemptFacts? attempt, RequestFacts request)
    {
        if (attempt is null || request is not { ClientFault: ClientFault.None, Decision: GatewayDecision.None, ResponseStarted: false }) return RetryAdvice.No;
        return attempt.End switch
        {
            // Nothing was sent. At the same destination a bad certificate fails again; another may do better.
            AttemptEnd.DnsFailed or AttemptEnd.ConnectFailed or AttemptEnd.TlsFailed or AttemptEnd.VersionNotNegotiated
                or AttemptEnd.AddressForbidden or AttemptEnd.DestinationInvalid => RetryAdvice.SafeForAnyMethod,
            AttemptEnd.TimedOut when attempt is { RequestNumber: 0, TimedOut: TimeoutPhase.Dns or TimeoutPhase.Connect or TimeoutPhase.Tls } => RetryAdvice.SafeForAnyMethod,
            AttemptEnd.PeerClosed or AttemptEnd.PeerReset or AttemptEnd.Http2Error or AttemptEnd.Unknown => Ended(attempt),
            // Answered, refused, or still running somewhere (a timeout): once more would only add load or happen twice.
            _ => RetryAdvice.No,
        };
    }

    private static RetryAdvice Ended(AttemptFacts attempt)
    {
        if (attempt is { RequestNumber: 0, Body: null }) return RetryAdvice.SafeForAnyMethod;
        // Any byte of an answer ends it; of HTTP/2 the head, as before that there are frames of the connection.
        if (attempt.Body is not null || (attempt.BytesReceived > 0 && !Http2Rules.Spoken(attempt))) return RetryAdvice.No;
        if (RefusedByTls(attempt)) return RetryAdvice.No;
        return NotProcessed(attempt) ? RetryAdvice.SafeForAnyMethod : RetryAdvice.IdempotentOnly;
    }

    /// <summary>A matter of certificates, which will be as it was.</summary>
    private static bool RefusedByTls(AttemptFacts attempt) => attempt.Tls is { } tls
        && (tls.AlertReceived is { } alert && TlsRules.IsAboutOurCertificate(alert)
            || (TlsRules.WantsCertificate(tls) && attempt is { RequestNumber: 1, BytesReceived: 0 }));

    private static bool NotProcessed(AttemptFacts attempt) => attempt switch
    {
        { Http2.NotProcessed: true } => true,
        { BytesSent: 0, Tcp: null or { RequestBytesOnWire: 0 } } => true,
        // The peer's orderly close was under way before the request: its kernel never took a byte. (A reset proves nothing of the kind.)
        { End: AttemptEnd.PeerClosed, Tcp: { RequestBytesAcked: 0, RequestBytesOnWire: > 0 } } => true,
        _ => false,
    };
}
