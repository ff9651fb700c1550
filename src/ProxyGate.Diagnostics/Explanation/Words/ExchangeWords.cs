using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The request was being sent, or had been sent, and no answer came.</summary>
internal static class ExchangeWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.RequestSendTimeout] = new(
            s => $"{s.Where} stopped taking the request: {Amounts.Bytes(s.Attempt?.BytesSent ?? 0)} had been passed to it, then it took nothing for {s.Limit}.",
            "That the app has crashed: its connection is still open. It may be busy, or wait for something itself.",
            s => [.. Checks.AppLog(s), Checks.SlowCurl(s)]),
        [CauseId.RequestSendFailed] = new(
            s => $"{s.Where} ended the connection while ProxyGate was still sending the request ({Amounts.Bytes(s.Attempt?.BytesSent ?? 0)} sent), and gave no answer.",
            "That the app crashed. Apps that limit the size of uploads often close like this, too.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UploadRejectedEarly] = new(
            s => $"The app at {s.Where} answered {Status(s)}after {Amounts.Bytes(s.Attempt?.BodyBytesSent ?? 0)} of the upload and did not take the rest. ProxyGate passed its answer on.",
            "A fault: apps refuse uploads that are too large, or whose sender is not signed in, in this way.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UpstreamClosedWithoutResponse] = new(
            s => $"ProxyGate reached {s.Where}, but it closed the connection {s.AfterRequest} after the request was sent, without answering.",
            "That the app crashed. It may have been stopped, have refused this one request, or not speak HTTP/1.1 on this port.",
            s => [.. Checks.AppLog(s), Checks.Step("Does it happen with every request, or only with this one?"), Checks.Curl(s)]),
        [CauseId.UpstreamResetWithoutResponse] = new(
            s => $"ProxyGate reached {s.Where}, but it broke the connection off (reset) {s.AfterRequest} after the request was sent, without answering.",
            "That the app crashed, or even that the app did it: something in between, such as a firewall or a port forwarder, can reset connections.",
            s => [.. Checks.AppLog(s), Checks.Step("Does it happen with every request, or only with this one?"), Checks.Curl(s)]),
        [CauseId.StaleConnection] = new(
            s => $"{s.Where} ended a connection that had been kept open {Idle(s)}, just as ProxyGate sent request number {s.Attempt?.RequestNumber ?? 0} on it. No answer came.",
            "That the app is broken: closing unused connections is normal. It can also have stopped or restarted just then.",
            s => [Checks.Curl(s)]),
        [CauseId.ResponseTimeout] = new(
            s => Checks.IsHead(s)
                ? $"{s.Where} began its answer but did not finish the head of it within {s.Limit}."
                : NotReceived(s) is { } confirmed
                    ? $"{s.Where} accepted the connection, but no answer began within {Waited(s)}, and the other machine confirmed only {confirmed} of the request."
                    : $"{s.Where} took the request and did not begin to answer within {Waited(s)}.",
            s => NotReceived(s) is not null
                ? "That the app is slow: it may never have seen the request. Packets may be lost on the way."
                : "That the app hangs: it may just need longer for this request, or wait for a database or another service.",
            s => NotReceived(s) is not null
                ? [.. Checks.Path(s), Checks.SlowCurl(s)]
                : [Checks.Step("How long does it take by hand?"), Checks.SlowCurl(s), .. Checks.AppLog(s)]),
        [CauseId.ResponseNotHttp] = new(
            s => $"{s.Where} answered with something that is not HTTP: {s.FirstBytesInWords}.",
            "That the app is broken: more often the address or the port belongs to another service.",
            s => [.. Checks.Listener(s)]),
        [CauseId.ResponseHeadIncomplete] = new(
            s => $"{s.Where} began its answer and {Ended(s)} before the head of it was complete: {Amounts.Bytes(s.Attempt?.BytesReceived ?? 0)} came.",
            "That the app crashed, though a process that ends while it writes looks like this.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.ResponseHeadMalformed] = new(
            s => $"{s.Where} sent an answer that breaks the rules of HTTP: {Defect(s)}. ProxyGate did not pass it on.",
            "",
            s => [Checks.Step("The head as it comes, with hidden characters shown:"), Checks.Curl(s, options: "-si --max-time 10") + " | head -n 30 | cat -v", .. Checks.AppLog(s)]),
        [CauseId.ResponseHeadTooLarge] = new(
            s => s.Attempt?.HeadDefect == HeadDefect.TooManyInterim
                ? $"{s.Where} kept sending interim answers (status 1xx) without ever a final one{Detail(s)}."
                : $"The head of the answer from {s.Where} (status line and fields, cookies included) is larger than the limit Limits:ResponseHeaders allows{Detail(s)}.",
            "That the limit is too low: fields that grow with every visit, such as cookies, pass any limit in the end.",
            s => [Checks.Step("How large is it, and which field?"), Checks.HeadSizes(s)]),
        [CauseId.ResponseFramingConflict] = new(
            s => $"{s.Where} contradicts itself about the length of its answer{Contradiction(s)}. Passing that on could mix up the answers of different people, so ProxyGate did not.",
            "",
            s => [Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10") + " | grep -iE '^(content-length|transfer-encoding)'"]),
        [CauseId.ResponseCodingUnknown] = new(
            s => $"{s.Where} sent its answer in a transfer coding ProxyGate does not know{Detail(s)}, so nobody can tell where the answer ends.",
            "",
            s => [Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10") + " | grep -i '^transfer-encoding'"]),
        [CauseId.Http2ProtocolError] = new(
            s => s.Http2 is { FromPeer: true, ErrorCode: { } code }
                ? $"{s.Where} ended the request with the HTTP/2 error {ProtocolNames.Http2Error(code)}: it says ProxyGate broke a rule of HTTP/2{Debug(s)}."
                : $"{s.Where} broke a rule of HTTP/2, so ProxyGate ended the request{Own(s)}.",
            "Which side is wrong: the frames would tell.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.Http2GoawayOrRefused] = new(
            s => $"{s.Where} did not take the request: {Refusal(s)}{Debug(s)}.",
            "A fault: servers say so while they stop or restart, and when they have too much to do.",
            s => [.. Checks.App(s)]),
        [CauseId.Http2StreamReset] = new(
            s => $"The app at {s.Where} gave the request up with the HTTP/2 error {Code(s)}{Debug(s)}.",
            "Why: the app's own log knows.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.HttpVersionMismatch] = new(
            s => s.Attempt?.Protocol is "h2" or "h2c"
                ? $"ProxyGate spoke HTTP/2 to {s.Where}, which speaks HTTP/1.1{Began(s)}."
                : $"ProxyGate spoke HTTP/1.1 to {s.Where}, which speaks only HTTP/2{Began(s)}.",
            "That the app is broken: it was spoken to in the wrong version of HTTP.",
            s => [Checks.Curl(s, options: "-skv --http2-prior-knowledge -o /dev/null --max-time 10"), Checks.Curl(s, options: "-skv --http1.1 -o /dev/null --max-time 10")]),
    };

    private static string Status(Seen s) => s.Attempt?.UpstreamStatus is { } status ? Amounts.Invariant($"{status} ") : "";

    private static string Idle(Seen s) => s.Attempt?.IdleMs is { } idle ? $"unused for {Amounts.Time(idle)}" : "from earlier requests";

    private static string? NotReceived(Seen s) => s.Attempt?.Tcp is { RequestBytesOnWire: > 0 and var sent, RequestBytesAcked: var acked } && acked < sent
        ? Amounts.Invariant($"{acked} of {sent} bytes")
        : null;

    private static string Waited(Seen s) => s.Attempt is { TimeoutMs: { } limit } ? Amounts.Time(limit) : s.AfterRequest;

    private static string Ended(Seen s) => s.Attempt?.End == AttemptEnd.PeerReset ? "broke the connection off (reset)" : "closed the connection";

    private static string Detail(Seen s) => string.IsNullOrEmpty(s.Attempt?.DefectDetail) ? "" : $" ({Seen.Short(s.Attempt.DefectDetail)})";

    private static string Contradiction(Seen s) => s.Attempt?.HeadDefect switch
    {
        HeadDefect.ContentLengthInvalid => $": its Content-Length is not a number{Detail(s)}",
        HeadDefect.FramingConflict => $": it gives Content-Length together with Transfer-Encoding, or several different lengths{Detail(s)}",
        _ => Detail(s),
    };

    private static string Defect(Seen s)
    {
        var what = s.Attempt?.HeadDefect switch
        {
            HeadDefect.StatusLineMalformed => "its first line is not a status line",
            HeadDefect.StatusOutOfRange => "its status is outside 100 to 599",
            HeadDefect.VersionUnsupported => "it claims a version of HTTP that does not belong there",
            HeadDefect.FieldLineMalformed => "a line among its fields is not of the form \"name: value\"",
            HeadDefect.FieldNameInvalid => "the name of a field has a character that is not allowed",
            HeadDefect.FieldValueInvalid => "the value of a field has a control character in it",
            HeadDefect.Http2FieldInvalid => "a field is not allowed in HTTP/2",
            _ => "its head cannot be read",
        };
        return what + Detail(s);
    }

    private static string Debug(Seen s) => string.IsNullOrEmpty(s.Http2?.GoAwayDebug) ? "" : $" (it wrote: \"{Seen.Short(s.Http2.GoAwayDebug)}\")";

    private static string Own(Seen s) => s.Http2?.ErrorCode is { } code ? $" with {ProtocolNames.Http2Error(code)}" : "";

    private static string Code(Seen s) => s.Http2?.ErrorCode is { } code ? ProtocolNames.Http2Error(code) : "(none given)";

    private static string Refusal(Seen s) => s.Http2 switch
    {
        { GoAway: true, GoAwayCode: { } code and not 0 } => $"it is closing the HTTP/2 connection (GOAWAY, {ProtocolNames.Http2Error(code)})",
        { GoAway: true } => "it is closing the HTTP/2 connection (GOAWAY)",
        { ErrorCode: { } code } => $"it refused the HTTP/2 stream ({ProtocolNames.Http2Error(code)})",
        _ => "it refused the HTTP/2 stream",
    };

    private static string Began(Seen s) => s.Attempt?.HeadDefect == HeadDefect.Http2OnlyPage ? " and said so in its answer"
        : s.Banner is null ? "" : $"; its answer begins with \"{s.Banner}\"";
}
