using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in what was answered.</summary>
internal static class ProtocolHints
{
    private const long EnhanceYourCalm = 11;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.ResponseNotHttp or CauseId.TlsToPlainHttpPort or CauseId.Http2ProtocolError when OtherService(s.FirstBytesAre) && s.Banner is { } banner:
                yield return s.FirstBytesAre == "fastcgi_record"
                    ? Hint(s, "app_protocol_mismatch", Confidence.Likely, $"{s.Where} speaks FastCGI, not HTTP. ProxyGate speaks HTTP only.", $"Its answer begins with {RawBytes.Hex(a.FirstBytes, 16)}, a FastCGI record")
                    : Hint(s, "wrong_port", Confidence.Proved, $"Port {s.Destination.Port} is not the app's: {ProtocolNames.Speaker(s.FirstBytesAre)} answers there.", $"Its first bytes are \"{banner}\"");
                break;
            case CauseId.ResponseNotHttp when s.Banner is { } banner && s.FirstBytesAre is "text" or "binary" or "json" or "html":
                yield return Hint(
                    s,
                    "app_protocol_mismatch",
                    Confidence.Possible,
                    $"What listens at {s.Where} speaks a protocol of its own (uwsgi, FastCGI, AJP, a database), or answers without the lines that HTTP demands before a page.",
                    $"Its first bytes are \"{s.Banner}\"");
                break;
            case CauseId.HttpVersionMismatch:
                yield return Version(s, a);
                break;
            case CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse when a.Protocol is "h2c" && s.Http2 is { SettingsReceived: false }:
                yield return Hint(
                    s,
                    "h2c_or_grpc",
                    Confidence.Likely,
                    $"The cluster is set to HTTP/2, but {s.Where} may speak HTTP/1.1 only.",
                    "It ended the connection without the greeting (SETTINGS) that every HTTP/2 server sends first");
                break;
            case CauseId.Http2GoawayOrRefused when s.Http2 is { GoAwayCode: EnhanceYourCalm } or { ErrorCode: EnhanceYourCalm }:
                yield return Hint(
                    s,
                    "http2_server_limits",
                    Confidence.Likely,
                    $"{s.Where} has a limit for connections (pings, requests, age), and ProxyGate passed it.",
                    $"It sent {ProtocolNames.Http2Error(EnhanceYourCalm)}{(string.IsNullOrEmpty(s.Http2.GoAwayDebug) ? "" : $" and the text \"{Seen.Short(s.Http2.GoAwayDebug)}\"")}");
                break;
            case CauseId.Http2GoawayOrRefused when s.Http2 is { GoAway: true, GoAwayCode: 0 }:
                yield return Hint(s, "restarted", Confidence.Possible, "The app's server was closing in order, as it does when it is stopped or restarted.", "It sent GOAWAY with NO_ERROR, the announcement of an end in order");
                break;
            case CauseId.UpgradeFailed when a.UpstreamStatus is { } status and not 101:
                yield return Hint(s, "upgrade_not_supported", Confidence.Likely, $"The app has no WebSocket at {Seen.Short(s.Request.Path)}, or it is switched off.", Amounts.Invariant($"It answered {status} instead of 101"));
                break;
            case CauseId.UpgradeIdleTimeout:
                yield return Hint(s, "no_heartbeat", Confidence.Likely, "Neither side sent a sign of life (ping), so that the connection looked dead.", $"It was quiet for {s.Limit} in both directions, and then the limit ended it");
                break;
            case CauseId.UpstreamIsAGateway when a.UpstreamIdentity is { } who && (who.ProxyStatus ?? who.Server ?? who.Via) is { Length: > 0 } name:
                yield return Hint(s, "next_gateway_failed", Confidence.Likely, $"The proxy at {s.Where} could not get an answer from the app behind it.", Amounts.Invariant($"The answer {a.UpstreamStatus ?? 0} names a proxy: \"{Seen.Short(name)}\""));
                break;
            case CauseId.UpstreamErrorPassedThrough when a.UpstreamStatus == 421:
                yield return Hint(s, "wrong_sni_or_host", Confidence.Likely, $"{s.Where} is known under another name than the one ProxyGate asks for.", "It answered 421 (Misdirected Request), which says just that");
                break;
            case CauseId.UpstreamErrorPassedThrough when a.UpstreamStatus == 500:
                yield return Hint(s, "app_bug", Confidence.Likely, "The app met an error it did not expect while it handled this request.", "The app sent status 500 itself");
                break;
            case CauseId.ResponseFramingConflict or CauseId.ResponseCodingUnknown or CauseId.ResponseChunkInvalid or CauseId.ResponseHeadMalformed when a.UpstreamIdentity?.Via is { Length: > 0 } via:
                yield return Hint(s, "middle_proxy", Confidence.Possible, "Another proxy between ProxyGate and the app may have changed the answer.", $"The answer came through one: Via \"{Seen.Short(via)}\"");
                break;
        }
    }

    private static Hint Version(Seen s, AttemptFacts a) => Hint(
        s,
        "h2c_or_grpc",
        Confidence.Proved,
        a.Protocol is "h2" or "h2c"
            ? $"The cluster is set to HTTP/2, but {s.Where} speaks HTTP/1.1."
            : $"{s.Where} speaks HTTP/2 only, as gRPC servers do, but the cluster is set to HTTP/1.1.",
        a.HeadDefect == HeadDefect.Http2OnlyPage ? "Its answer is the well-known page about HTTP/1 on a port for HTTP/2 only"
            : a.FirstBytes.Length > 0 ? $"Its first bytes are {RawBytes.Hex(a.FirstBytes, 16)} ({s.FirstBytesAre})"
            : s.Http2?.ErrorCode is { } code ? $"It answered with {ProtocolNames.Http2Error(code)}" : "It did not answer in the version spoken");

    private static bool OtherService(string firstBytes) =>
        ProtocolNames.Speaker(firstBytes) is not null && firstBytes is not ("http1_response" or "http2_settings" or "http2_goaway" or "tls_alert" or "tls_handshake" or "tls_data");
}
