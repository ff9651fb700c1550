using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in sizes: heads, uploads, lengths.</summary>
internal static class SizeHints
{
    /// <summary>The smallest limit for a request's head that servers ship with (nginx, Tomcat, gunicorn, Apache: 8 KiB; Node: 16 KiB).</summary>
    private const long LargeHead = 8_000;

    private const long LargeUpload = 64 * 1024;

    /// <summary>What one packet carries at most on usual networks (MTU 1500 less the headers).</summary>
    private const long OnePacket = 1_400;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Failure.Cause.Id == CauseId.ClientRequestTooLarge && s.Request.ClientFaultStatus == 431)
        {
            yield return Hint(s, "request_headers_too_big", Confidence.Likely, "Cookies of this browser have probably grown too large.", "The fields of the request (cookies included) passed the limit Limits:RequestHeaders");
        }

        if (s.Attempt is not { } a) yield break;
        var head = a.BytesSent - a.BodyBytesSent;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.ResponseHeadTooLarge when a.HeadDefect == HeadDefect.TooLarge:
                yield return Hint(
                    s,
                    "headers_too_big",
                    Confidence.Likely,
                    "The app sends very large fields, most often cookies or sign-in tokens. Often it happens to some people only.",
                    $"The head of the answer was {(string.IsNullOrEmpty(a.DefectDetail) ? "over the limit" : Seen.Short(a.DefectDetail))}");
                break;
            case CauseId.UpstreamErrorPassedThrough when a.UpstreamStatus == 431:
                yield return Hint(s, "request_headers_too_big", Confidence.Proved, "Cookies of this browser are larger than the app accepts.", $"The app answered 431 (Request Header Fields Too Large) to a head of {Amounts.Bytes(head)}");
                break;
            case CauseId.UpstreamErrorPassedThrough or CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse when head >= LargeHead && a.UpstreamStatus is null or 400 or 494:
                yield return Hint(s, "request_headers_too_big", Confidence.Possible, "Cookies of this browser may be larger than the app accepts.", $"The head of the request was {Amounts.Bytes(head)}; many servers accept 8 KiB");
                break;
            case CauseId.UploadRejectedEarly when a.UpstreamStatus is 401 or 403:
                yield return Hint(s, "app_denied_upload", Confidence.Likely, "The app did not accept the sender: not signed in, or without permission.", Early(a));
                break;
            case CauseId.UploadRejectedEarly:
                yield return Hint(
                    s,
                    "upload_limit",
                    a.UpstreamStatus == 413 ? Confidence.Proved : Confidence.Possible,
                    a.UpstreamStatus == 413 ? "The upload is larger than the app accepts." : "The app refused the upload before it had it all; it may be too large.",
                    Early(a));
                break;
            case CauseId.RequestSendFailed or CauseId.UpstreamResetWithoutResponse when a.BodyBytesSent > LargeUpload:
                yield return Hint(
                    s,
                    "upload_limit",
                    Confidence.Possible,
                    "The app may have a limit for uploads and close the connection when it is passed.",
                    $"It ended the connection after {Amounts.Bytes(a.BodyBytesSent)} of the upload");
                break;
            case CauseId.ResponseTimeout or CauseId.RequestSendTimeout when a.Tcp is { RequestBytesOnWire: > 0 } tcp && tcp.RequestBytesAcked < tcp.RequestBytesOnWire && tcp.Retransmits > 0:
                yield return Hint(s, "packets_lost", Confidence.Likely, "Packets to that machine, or its answers to them, are lost on the way.", Unconfirmed(tcp));
                if (tcp.RequestBytesOnWire > OnePacket)
                {
                    yield return Hint(s, "packets_too_large", Confidence.Possible, "Packets of full size may be the ones that are lost.", $"The request did not fit into one packet ({Amounts.Bytes(tcp.RequestBytesOnWire)}), and what was sent stayed unconfirmed");
                }

                break;
            case CauseId.ResponseBodyTruncated or CauseId.ResponseBodyReset when s.Body is { ContentLength: { } length, ContentEncoding: { Length: > 0 } coding } body && body.BytesReceived < length:
                yield return Hint(
                    s,
                    "broken_compression",
                    Confidence.Possible,
                    "The app may announce the length of the unpacked answer and send the packed one.",
                    $"The answer is compressed ({Seen.Short(coding)}) and ended after {Amounts.Bytes(body.BytesReceived)} of the {Amounts.Bytes(length)} announced");
                break;
            case CauseId.ResponseEncodingInvalid:
                yield return Hint(s, "broken_compression", Confidence.Likely, "The answer is marked as compressed, but is not, or was compressed or cut wrongly.", $"ProxyGate could not unpack it{(string.IsNullOrEmpty(a.Message) ? "" : $": {Seen.Short(a.Message)}")}");
                break;
        }
    }

    private static string Early(AttemptFacts a) => Amounts.Invariant($"Status {a.UpstreamStatus ?? 0} came after {Amounts.Bytes(a.BodyBytesSent)} of the upload, which was not complete");

    private static string Unconfirmed(TcpFacts tcp) => Amounts.Invariant(
        $"The other machine confirmed {tcp.RequestBytesAcked} of {tcp.RequestBytesOnWire} bytes, although they were sent again {Amounts.Count(tcp.Retransmits, "time", "times")}");
}
