using System.Buffers.Binary;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>An HTTP/2 connection or stream ended with an error (codes: RFC 9113 section 7).</summary>
internal static class Http2Rules
{
    private const long ProtocolError = 1;
    private const long FlowControlError = 3;
    private const long FrameSizeError = 6;
    private const long RefusedStream = 7;
    private const long CompressionError = 9;
    private const long EnhanceYourCalm = 11;
    private const long Http11Required = 13;

    /// <summary>Whether we spoke HTTP/2. Then received bytes are frames of the connection, not yet an answer.</summary>
    public static bool Spoken(AttemptFacts attempt) => attempt.Protocol is "h2" or "h2c";

    public static Verdict Error(AttemptFacts attempt)
    {
        var stage = attempt.Body is null ? Stage.Head : Stage.Body;
        if (attempt.Http2 is not { } http2) return new Verdict(CauseId.Http2ProtocolError, Confidence.Likely, stage);
        if (http2.PeerIsNotHttp2) return NotHttp2(attempt);
        var fromPeer = http2.FromPeer || (http2.GoAway && http2.ErrorCode is null);
        // Our own side refused what the peer sent, or the frames made no sense to it.
        if (!fromPeer) return new Verdict(CauseId.Http2ProtocolError, http2.ErrorCode is null ? Confidence.Likely : Confidence.Proved, stage);
        return (http2.ErrorCode ?? http2.GoAwayCode) switch
        {
            Http11Required => new Verdict(CauseId.HttpVersionMismatch),
            ProtocolError or FlowControlError or FrameSizeError or CompressionError => new Verdict(CauseId.Http2ProtocolError, Stage: stage),
            RefusedStream or EnhanceYourCalm => new Verdict(CauseId.Http2GoawayOrRefused, Stage: stage),
            _ => new Verdict(http2.GoAway ? CauseId.Http2GoawayOrRefused : CauseId.Http2StreamReset, Stage: stage),
        };
    }

    /// <summary>The connection ended before the answer's head; what the frames said before that. <c>null</c>: nothing.</summary>
    public static Verdict? Ended(AttemptFacts attempt) => attempt switch
    {
        _ when !Spoken(attempt) => null,
        { Http2.PeerIsNotHttp2: true } => NotHttp2(attempt),
        { Http2.GoAway: true } => Error(attempt with { Http2 = attempt.Http2 with { FromPeer = true, ErrorCode = attempt.Http2.GoAwayCode } }),
        _ => null,
    };

    /// <summary>We spoke HTTP/2, and the first bytes were no SETTINGS frame.</summary>
    private static Verdict NotHttp2(AttemptFacts attempt) => FirstBytes.Name(attempt.FirstBytes) switch
    {
        "http1_response" or "html" => new Verdict(CauseId.HttpVersionMismatch),
        // An HTTP/1.1 server that knows HTTP/2 by name (Kestrel) says so in the one frame it can: GOAWAY, HTTP_1_1_REQUIRED.
        "http2_goaway" => new Verdict(GoAwayCode(attempt.FirstBytes) is Http11Required or null ? CauseId.HttpVersionMismatch : CauseId.Http2GoawayOrRefused),
        "http2_settings" => new Verdict(CauseId.Http2ProtocolError, Confidence.Likely),
        "none" => new Verdict(CauseId.HttpVersionMismatch, Confidence.Likely),
        _ => HeadRules.NotHttp(attempt),
    };

    private static long? GoAwayCode(byte[] frame) => frame.Length >= 17 ? BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(13)) : null;
}
