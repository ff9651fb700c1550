using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the bytes of the answer.</summary>
internal static class ProtocolHints
{
    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.ResponseNotHttp or CauseId.TlsToPlainHttpPort or CauseId.Http2ProtocolError when OtherService(s.FirstBytesAre) && s.Banner is { } banner:
                var speaker = ProtocolNames.Speaker(s.FirstBytesAre)!;
                if (s.FirstBytesAre == "fastcgi_record")
                {
                    yield return Hint(
                        "app_protocol_mismatch",
                        Confidence.Likely,
                        $"{s.Where} speaks FastCGI, not HTTP. ProxyGate speaks HTTP only.",
                        [$"Its answer begins with {RawBytes.Hex(a.FirstBytes, 16)}, a FastCGI record"],
                        Shell.Step("Give the app an HTTP port, or put a web server that speaks FastCGI between (for PHP: Caddy, Apache or nginx beside php-fpm)."));
                }
                else
                {
                    yield return Hint(
                        "wrong_port",
                        Confidence.Proved,
                        $"Port {s.Destination.Port} is not the app's: {speaker} answers there.",
                        [$"Its first bytes are \"{banner}\""],
                        Shell.Step($"Which port does the app use on {Seen.Short(s.Ip)}? Then change the address of destination \"{Seen.Short(a.Destination)}\"."),
                        "ss -ltnp");
                }

                break;
            case CauseId.ResponseNotHttp when s.Banner is { } banner && s.FirstBytesAre is "text" or "binary" or "json" or "html":
                yield return Hint(
                    "app_protocol_mismatch",
                    Confidence.Possible,
                    $"What listens at {s.Where} speaks a protocol of its own (uwsgi, FastCGI, AJP, a database, a program's raw socket), or answers without the head that HTTP demands.",
                    [$"Its first bytes are \"{s.Banner}\""],
                    Shell.Step("Is it the app's HTTP port? For uwsgi use http-socket instead of socket, for Tomcat its HTTP port instead of AJP."),
                    "ss -ltnp");
                break;
            case CauseId.HttpVersionMismatch:
                yield return Version(s, a);
                break;
            case CauseId.ResponseHeadTooLarge when a.HeadDefect == HeadDefect.TooLarge:
                yield return Hint(
                    "headers_too_big",
                    Confidence.Likely,
                    "The app sends very large fields, most often cookies or sign-in tokens. Often it happens to some people only.",
                    [$"The head of the answer was {(string.IsNullOrEmpty(a.DefectDetail) ? "over the limit" : Seen.Short(a.DefectDetail))}"],
                    Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10") + " | awk '{ print length($0), substr($0, 1, 60) }' | sort -rn | head -n 5",
                    Shell.Step("Make the cookies smaller, or raise ProxyGate:Limits:ResponseHeaders."));
                break;
            case CauseId.UploadRejectedEarly:
                yield return Hint(
                    "upload_limit",
                    a.UpstreamStatus == 413 ? Confidence.Proved : Confidence.Possible,
                    a.UpstreamStatus == 413 ? "The upload is larger than the app accepts." : "The app refused the upload before it had it all: too large, or the sender not signed in.",
                    [Amounts.Invariant($"Status {a.UpstreamStatus ?? 0} came after {Amounts.Bytes(a.BodyBytesSent)} of the upload, which was not complete")],
                    Shell.Step("If such uploads are wanted, raise the app's own limit for request bodies."));
                break;
            case CauseId.RequestSendFailed when a.BodyBytesSent > 64 * 1024:
                yield return Hint(
                    "upload_limit",
                    Confidence.Possible,
                    "The app may have a limit for uploads and close the connection when it is passed.",
                    [$"It closed the connection after {Amounts.Bytes(a.BodyBytesSent)} of the upload"],
                    Shell.Step("Does a small upload pass? Then raise the app's own limit for request bodies."));
                break;
        }
    }

    private static Hint Version(Seen s, AttemptFacts a)
    {
        var weSpokeHttp2 = a.Protocol is "h2" or "h2c";
        var evidence = a.HeadDefect == HeadDefect.Http2OnlyPage ? "Its answer is the well-known page about HTTP/1 on a port for HTTP/2 only"
            : a.FirstBytes.Length > 0 ? $"Its first bytes are {RawBytes.Hex(a.FirstBytes, 16)} ({s.FirstBytesAre})"
            : s.Http2?.ErrorCode is { } code ? $"It answered with {ProtocolNames.Http2Error(code)}" : "It did not answer in the version spoken";
        return Hint(
            "h2c_or_grpc",
            Confidence.Proved,
            weSpokeHttp2
                ? $"The cluster is set to HTTP/2, but {s.Where} speaks HTTP/1.1."
                : $"{s.Where} speaks HTTP/2 only, as gRPC servers do, but the cluster is set to HTTP/1.1.",
            [evidence],
            weSpokeHttp2
                ? Shell.Step($"Remove HttpRequest:Version from cluster \"{Seen.Short(s.Request.Cluster ?? "")}\", or set it to \"1.1\".")
                : Shell.Step($"Set in cluster \"{Seen.Short(s.Request.Cluster ?? "")}\": \"HttpRequest\": {{ \"Version\": \"2\", \"VersionPolicy\": \"RequestVersionExact\" }}"),
            Checks.Curl(s, options: "-skv --http2-prior-knowledge -o /dev/null --max-time 10"));
    }

    private static bool OtherService(string firstBytes) =>
        ProtocolNames.Speaker(firstBytes) is not null && firstBytes is not ("http1_response" or "http2_settings" or "http2_goaway" or "tls_alert" or "tls_handshake" or "tls_data");
}
