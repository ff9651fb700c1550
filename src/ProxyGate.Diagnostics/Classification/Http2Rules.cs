using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>An HTTP/2 connection or stream ended with an error (RFC 9113 section 7).</summary>
internal static class Http2Rules
{
    private const long ProtocolError = 1;
    private const long FlowControlError = 3;
    private const long FrameSizeError = 6;
    private const long RefusedStream = 7;
    private const long CompressionError = 9;
    private const long EnhanceYourCalm = 11;
    private const long Http11Required = 13;

    public static Verdict Error(AttemptFacts attempt)
    {
        var stage = attempt.Body is null ? Stage.Head : Stage.Body;
        if (attempt.Http2 is not { } http2) return new Verdict(CauseId.Http2ProtocolError, Confidence.Likely, stage);
        if (http2.PeerIsNotHttp2 || (!http2.SettingsReceived && FirstBytes.Name(attempt.FirstBytes) == "http1_response"))
        {
            // Kestrel answers on an HTTP/1.1 port with a lone GOAWAY(HTTP_1_1_REQUIRED), which no HTTP/2 server begins with.
            return FirstBytes.Name(attempt.FirstBytes) is "http1_response" or "html" or "http2_goaway" ? new Verdict(CauseId.HttpVersionMismatch) : new Verdict(CauseId.ResponseNotHttp);
        }

        if (http2.ErrorCode == Http11Required || http2.GoAwayCode == Http11Required) return new Verdict(CauseId.HttpVersionMismatch);
        if (http2 is { ErrorCode: { } code, FromPeer: true })
        {
            if (code is ProtocolError or FlowControlError or FrameSizeError or CompressionError) return new Verdict(CauseId.Http2ProtocolError, Stage: stage);
            return code is RefusedStream or EnhanceYourCalm || http2.GoAway
                ? new Verdict(CauseId.Http2GoawayOrRefused, Stage: stage)
                : new Verdict(CauseId.Http2StreamReset, Stage: stage);
        }

        // Our own side refused what the peer sent.
        return http2.GoAway && http2.ErrorCode is null
            ? new Verdict(CauseId.Http2GoawayOrRefused, Stage: stage)
            : new Verdict(CauseId.Http2ProtocolError, Stage: stage);
    }

    /// <summary>
    /// The connection ended under a stream that had no answer yet. Bytes received are the connection's own frames or other streams', so
    /// they say nothing of this answer; and a later stream is no sign of an idle connection, except where it had been idle.
    /// </summary>
    public static Verdict Ended(AttemptFacts attempt, Http2Facts http2)
    {
        if (http2.GoAway) return new Verdict(CauseId.Http2GoawayOrRefused);
        if (attempt is { RequestNumber: > 1, IdleMs: > 0, BytesReceived: 0 }) return new Verdict(CauseId.StaleConnection, Confidence.Likely);
        if (!attempt.RequestComplete && attempt.BodyBytesSent > 0) return new Verdict(CauseId.RequestSendFailed);
        return new Verdict(attempt.End == AttemptEnd.PeerReset ? CauseId.UpstreamResetWithoutResponse : CauseId.UpstreamClosedWithoutResponse);
    }
}
