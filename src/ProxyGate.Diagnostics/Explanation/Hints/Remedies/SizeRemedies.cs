using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>Requests and answers that are too large, or whose length is wrong.</summary>
internal static class SizeRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["headers_too_big"] = new(
            s => [Step("The longest lines of the head, by name (sign in first where it happens to signed-in people only):"), Checks.HeadSizes(s)],
            s => [Step("Keep less in cookies: a session's id instead of its content. Until then, raise ProxyGate:Limits:ResponseHeaders, for instance to \"128KiB\"."), CheckConfig(s)]),
        ["request_headers_too_big"] = new(
            s => [Step("Does it work in a private window of the same browser, or after deleting this site's cookies? Then it is the cookies."), "proxygate events --since 1h"],
            s =>
            [
                Step("Keep less in cookies. Where large ones are wanted, raise ProxyGate:Limits:RequestHeaders and the app's own limit (Node: --max-http-header-size, nginx: large_client_header_buffers, Tomcat: maxHttpRequestHeaderSize, gunicorn: --limit-request-field_size)."),
            ]),
        ["upload_limit"] = new(
            s => [.. Checks.AppLog(s, "Does its log name the size, or its limit?"), Step("Does a small upload pass?")],
            s => [Step("If such uploads are wanted, raise the app's own limit (nginx: client_max_body_size, PHP: post_max_size and upload_max_filesize, Kestrel: MaxRequestBodySize, Express: limit).")]),
        ["app_denied_upload"] = new(
            s => [.. Checks.AppLog(s, "Why did the app refuse it?")],
            s => [Step("Nothing is broken when the sender was not signed in. Otherwise look at the app's own rights for this path.")]),
        ["broken_compression"] = new(
            s =>
            [
                Step("With and without compression: does one of them end well?"),
                Checks.Curl(s, options: "-sS --compressed -o /dev/null --max-time 10 -w '%{http_code} %{size_download} bytes %{errormsg}\\n'"),
                Checks.Curl(s, options: "-sS -H 'Accept-Encoding: identity' -o /dev/null --max-time 10 -w '%{http_code} %{size_download} bytes %{errormsg}\\n'"),
            ],
            s => [Step("Let only one place compress: the app, or what stands before it, not both; and remove a Content-Length the app sets by hand.")]),
    };
}
