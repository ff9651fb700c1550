using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>The request was (being) sent; the answer's head did not come whole, or was refused.</summary>
internal static class HeadRules
{
    /// <summary>A stale connection ends at once; a close this long after a request that was taken in looks more like the app's end.</summary>
    private const double LateMs = 1000;

    public static Verdict Refused(AttemptFacts attempt) => attempt.HeadDefect switch
    {
        HeadDefect.NotHttp => NotHttp(attempt),
        HeadDefect.PlainHttpToTlsPage => new Verdict(CauseId.PlainHttpToTlsPort),
        HeadDefect.Http2OnlyPage => new Verdict(CauseId.HttpVersionMismatch),
        HeadDefect.ClientCertificatePage => new Verdict(CauseId.TlsClientCertRequired),
        HeadDefect.TooLarge or HeadDefect.TooManyInterim => new Verdict(CauseId.ResponseHeadTooLarge),
        // RFC 9112 section 6.3: an invalid length is as unrecoverable as two of them.
        HeadDefect.FramingConflict or HeadDefect.ContentLengthInvalid => new Verdict(CauseId.ResponseFramingConflict),
        HeadDefect.TransferCodingUnknown => new Verdict(CauseId.ResponseCodingUnknown),
        HeadDefect.UnexpectedUpgrade => new Verdict(CauseId.UnexpectedUpgrade),
        HeadDefect.UpgradeAcceptInvalid => new Verdict(CauseId.UpgradeFailed),
        HeadDefect.None => new Verdict(CauseId.ResponseHeadMalformed, Confidence.Possible),
        // The rest breaks the grammar: status line, version, field name or value.
        _ => new Verdict(CauseId.ResponseHeadMalformed),
    };

    /// <summary>The first bytes are no HTTP/1.x: whose they are.</summary>
    public static Verdict NotHttp(AttemptFacts attempt) => FirstBytes.Name(attempt.FirstBytes) switch
    {
        "tls_alert" or "tls_handshake" when !attempt.UsesTls => new Verdict(CauseId.PlainHttpToTlsPort),
        "http2_settings" or "http2_goaway" => new Verdict(CauseId.HttpVersionMismatch),
        _ => new Verdict(CauseId.ResponseNotHttp),
    };

    /// <summary>Whether bytes came that cannot be the beginning of an HTTP/1.x answer. HTTP/2 has rules of its own.</summary>
    public static bool SpeaksAnotherProtocol(AttemptFacts attempt) =>
        attempt is { BytesReceived: > 0, FirstBytes.Length: > 0 } && !Http2Rules.Spoken(attempt) && !StartsLikeHttp(attempt.FirstBytes);

    /// <summary>FIN or RST before the head was whole.</summary>
    public static Verdict Ended(AttemptFacts attempt)
    {
        if (TlsRules.AfterHandshake(attempt) is { } tls) return tls;
        if (Http2Rules.Ended(attempt) is { } http2) return http2;
        if (SpeaksAnotherProtocol(attempt)) return NotHttp(attempt);
        if (AnswerBegan(attempt)) return new Verdict(CauseId.ResponseHeadIncomplete);
        if (IsStale(attempt)) return Stale(attempt);
        if (attempt.End == AttemptEnd.PeerReset && NothingTaken(attempt)) return new Verdict(CauseId.ConnectReset);
        if (!attempt.RequestComplete) return new Verdict(CauseId.RequestSendFailed);
        return new Verdict(attempt.End == AttemptEnd.PeerReset ? CauseId.UpstreamResetWithoutResponse : CauseId.UpstreamClosedWithoutResponse);
    }

    /// <summary>
    /// A connection that was already closing takes nothing: an upload that was being acknowledged broke off by itself. Of HTTP/2, a later
    /// stream is no sign of an idle connection, only its idle time is.
    /// </summary>
    private static bool IsStale(AttemptFacts attempt) => attempt is { RequestNumber: > 1, BytesReceived: 0 }
        && attempt is not { RequestComplete: false, BodyBytesSent: > 0, Tcp.RequestBytesAcked: > 0 }
        && (!Http2Rules.Spoken(attempt) || attempt.IdleMs > 0);

    /// <summary>Proved when the kernel saw nothing of the request acknowledged before an orderly close: the close was under way before it.</summary>
    private static Verdict Stale(AttemptFacts attempt) => new(CauseId.StaleConnection, attempt switch
    {
        { End: AttemptEnd.PeerClosed, Tcp: { RequestBytesAcked: 0, RequestBytesOnWire: > 0 } } => Confidence.Proved,
        { DurationMs: > LateMs, Tcp.RequestBytesAcked: > 0 } => Confidence.Possible,
        _ => Confidence.Likely,
    });

    /// <summary>The connection was accepted only to be thrown away: not one byte was exchanged.</summary>
    private static bool NothingTaken(AttemptFacts attempt) =>
        attempt.BytesSent == 0 || attempt.Tcp is { RequestBytesAcked: 0, RequestBytesOnWire: > 0 };

    private static bool StartsLikeHttp(byte[] bytes)
    {
        var start = "HTTP/"u8;
        var compared = Math.Min(start.Length, bytes.Length);
        return bytes.AsSpan(0, compared).SequenceEqual(start[..compared]);
    }

    /// <summary>Whether the final answer had begun; a whole interim one ("100 Continue") does not begin it.</summary>
    private static bool AnswerBegan(AttemptFacts attempt)
    {
        if (attempt.BytesReceived == 0 || Http2Rules.Spoken(attempt)) return false;
        ReadOnlySpan<byte> bytes = attempt.FirstBytes;
        var onlyInterim = bytes.Length == attempt.BytesReceived && bytes.StartsWith("HTTP/1.1 1"u8) && bytes.EndsWith("\r\n\r\n"u8)
            && bytes.IndexOf("\r\n\r\n"u8) == bytes.Length - 4;
        return !onlyInterim;
    }
}
