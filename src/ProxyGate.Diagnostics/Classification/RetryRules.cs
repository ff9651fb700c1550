using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>Whether a request may be sent again, by evidence alone.</summary>
internal static class RetryRules
{
    public static RetryAdvice For(AttemptFacts? attempt, RequestFacts request)
    {
        if (attempt is null || request.ClientFault != ClientFault.None || request.ResponseStarted) return RetryAdvice.No;
        switch (attempt.End)
        {
            case AttemptEnd.TlsFailed when attempt.Tls is { Problems.Count: > 0 } or { AlertReceived: not null } or { PeerIsNotTls: true }:
            case AttemptEnd.VersionNotNegotiated:
            case AttemptEnd.AddressForbidden:
            case AttemptEnd.DestinationInvalid:
                // It will fail the same way again; on another destination, nothing was sent yet.
                return RetryAdvice.SafeForAnyMethod;
            case AttemptEnd.DnsFailed or AttemptEnd.ConnectFailed or AttemptEnd.TlsFailed:
            case AttemptEnd.TimedOut when attempt.RequestNumber == 0:
                return RetryAdvice.SafeForAnyMethod;
            case AttemptEnd.Http2Error when attempt.Http2 is { NotProcessed: true }:
                return RetryAdvice.SafeForAnyMethod;
            case AttemptEnd.PeerClosed or AttemptEnd.PeerReset or AttemptEnd.Http2Error when attempt.BytesReceived == 0 || attempt.Http2 is not null && attempt.Body is null:
                if (attempt.Tls is { ClientCertificateRequested: true, ClientCertificateSent: false }) return RetryAdvice.No;
                // A close (not a reset) with nothing of the request acknowledged was under way before the request.
                return attempt is { End: AttemptEnd.PeerClosed, Tcp: { RequestBytesAcked: 0, RequestBytesOnWire: > 0 } } || attempt.BytesSent == 0
                    ? RetryAdvice.SafeForAnyMethod
                    : RetryAdvice.IdempotentOnly;
            default:
                return RetryAdvice.No;
        }
    }
}
