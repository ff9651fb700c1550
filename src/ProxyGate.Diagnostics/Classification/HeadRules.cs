using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>The request was (being) sent; the answer's head did not come whole, or was refused.</summary>
internal static class HeadRules
{
    public static Verdict Refused(AttemptFacts attempt) => attempt.HeadDefect switch
    {
        HeadDefect.NotHttp => NotHttp(attempt),
        HeadDefect.PlainHttpToTlsPage => new Verdict(CauseId.PlainHttpToTlsPort),
        HeadDefect.Http2OnlyPage => new Verdict(CauseId.HttpVersionMismatch),
        HeadDefect.ClientCertificatePage => new Verdict(CauseId.TlsClientCertRequired),
        HeadDefect.TooLarge or HeadDefect.TooManyInterim => new Verdict(CauseId.ResponseHeadTooLarge),
        HeadDefect.FramingConflict or HeadDefect.ContentLengthInvalid => new Verdict(CauseId.ResponseFramingConflict),
        HeadDefect.TransferCodingUnknown => new Verdict(CauseId.ResponseCodingUnknown),
        HeadDefect.UnexpectedUpgrade => new Verdict(CauseId.UnexpectedUpgrade),
        HeadDefect.UpgradeAcceptInvalid => new Verdict(CauseId.UpgradeFailed),
        _ => new Verdict(CauseId.ResponseHeadMalformed),
    };

    private static Verdict NotHttp(AttemptFacts attempt) => FirstBytes.Name(attempt.FirstBytes) switch
    {
        "tls_alert" or "tls_handshake" when !attempt.UsesTls => new Verdict(CauseId.PlainHttpToTlsPort),
        "http2_settings" or "http2_goaway" => new Verdict(CauseId.HttpVersionMismatch),
        _ => new Verdict(CauseId.ResponseNotHttp),
    };

    /// <summary>FIN or RST before the head was whole.</summary>
    public static Verdict Ended(AttemptFacts attempt)
    {
        if (TlsRules.AfterHandshake(attempt) is { } tls) return tls;
        var reset = attempt.End == AttemptEnd.PeerReset;
        if (attempt.Http2 is { SettingsReceived: true } http2) return Http2Rules.Ended(attempt, http2);
        if (attempt.BytesReceived > 0)
        {
            return FirstBytes.Name(attempt.FirstBytes) is "http1_response" || StartsLikeHttp(attempt.FirstBytes)
                ? new Verdict(CauseId.ResponseHeadIncomplete)
                : NotHttp(attempt);
        }

        // A connection that was already closing takes nothing: an upload that was being acknowledged broke off by itself.
        if (attempt.RequestNumber > 1 && !UploadUnderWay(attempt)) return new Verdict(CauseId.StaleConnection, Confidence.Likely);
        if (!attempt.RequestComplete && attempt.BodyBytesSent > 0) return new Verdict(CauseId.RequestSendFailed);
        if (reset && NothingExchanged(attempt)) return new Verdict(CauseId.ConnectReset);
        if (!attempt.RequestComplete) return new Verdict(CauseId.RequestSendFailed);
        return new Verdict(reset ? CauseId.UpstreamResetWithoutResponse : CauseId.UpstreamClosedWithoutResponse);
    }

    private static bool UploadUnderWay(AttemptFacts attempt) =>
        attempt is { RequestComplete: false, BodyBytesSent: > 0, Tcp.RequestBytesAcked: > 0 };

    private static bool StartsLikeHttp(byte[] bytes)
    {
        var start = "HTTP/"u8;
        var compared = Math.Min(start.Length, bytes.Length);
        return compared > 0 && bytes.AsSpan(0, compared).SequenceEqual(start[..compared]);
    }

    /// <summary>The peer reset the connection without taking one byte: it was accepted only to be thrown away.</summary>
    private static bool NothingExchanged(AttemptFacts attempt) => attempt.BytesSent == 0;

    public static Verdict TimedOut(AttemptFacts attempt) => attempt.TimedOut switch
    {
        TimeoutPhase.Dns => new Verdict(CauseId.DnsTimeout),
        TimeoutPhase.Connect => attempt.IsUnixSocket ? new Verdict(CauseId.ListenBacklogFull) : ConnectRules.Connect(attempt),
        TimeoutPhase.Tls => attempt.Tls is { PeerIsNotTls: true } ? new Verdict(CauseId.TlsToPlainHttpPort) : new Verdict(CauseId.TlsHandshakeTimeout),
        TimeoutPhase.Send => new Verdict(CauseId.RequestSendTimeout),
        TimeoutPhase.Idle => new Verdict(CauseId.ResponseBodyStalled),
        TimeoutPhase.FirstByte when attempt.Body is not null => new Verdict(CauseId.ResponseBodyStalled),
        // The limit on the answer begins before the request is sent only when sending had failed and a late answer was hoped for.
        TimeoutPhase.FirstByte when attempt is { RequestComplete: false, BodyBytesSent: > 0 } => new Verdict(CauseId.RequestSendFailed, Confidence.Likely),
        TimeoutPhase.Total when attempt.Body is not null => new Verdict(CauseId.ResponseBodyStalled, Confidence.Likely),
        TimeoutPhase.Total when attempt.RequestNumber == 0 => attempt.Tls is null ? new Verdict(CauseId.ConnectTimeout, Confidence.Likely) : new Verdict(CauseId.TlsHandshakeTimeout, Confidence.Likely),
        TimeoutPhase.Total when !attempt.RequestComplete => new Verdict(CauseId.ResponseTimeout, Confidence.Likely, Stage.Send),
        TimeoutPhase.None => new Verdict(CauseId.Unclassified, Confidence.Possible, RequestRules.StageOf(attempt)),
        _ => new Verdict(CauseId.ResponseTimeout),
    };
}
