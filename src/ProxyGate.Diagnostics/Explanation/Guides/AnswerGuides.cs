using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The first lines of the app's answer (its head).</summary>
internal static class AnswerGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.ResponseNotHttp] = new(
            "Something answered on that port, but not in HTTP, the language of web servers: another kind of service listens there.",
            new("wrong_port", "The first bytes name another service (SSH, a mail server, MySQL, Redis): the configured port is that one's."),
            new("app_protocol_mismatch", "The app itself speaks FastCGI, uwsgi or a protocol of its own on this port: it needs its HTTP port, or a web server before it."),
            new("scheme_http_to_https", "The first bytes are TLS: the port expects https."),
            new("app_bug", "The app writes its answer by hand and forgets the status line: the first bytes are the page itself.")),
        [CauseId.ResponseHeadIncomplete] = new(
            "The app began its answer and ended the connection before the first part, the headers, was complete.",
            new("app_crashed_on_request", "A worker or the process ended at that moment."),
            new("worker_timeout_kill", "It breaks off after the same round time each time."),
            new("app_bug", "It breaks off at the same place each time, with no process ending: the app writes its answer by hand and incompletely."),
            new("middlebox_cut", "Asked on its own machine, the app answers completely.")),
        [CauseId.ResponseHeadMalformed] = new(
            "The app answered, but the first lines of its answer break the rules of HTTP, so ProxyGate did not pass it on.",
            new("app_bug", "The line named in the evidence is written by the app: a header with a line break, a space or a control character in it, or a status that is no number."),
            new("app_protocol_mismatch", "The answer resembles HTTP but is another protocol (RTSP, ICY, SIP), or CGI without a status line."),
            new("wrong_port", "A device or tool with a home-made web server listens there, not the app.")),
        [CauseId.ResponseHeadTooLarge] = new(
            "The first part of the app's answer, the headers, is larger than ProxyGate's limit.",
            new("headers_too_big", "Only some visitors are hit, mostly after signing in: a session or token is kept in cookies (Set-Cookie) and has grown. The number and size of the headers show it."),
            new("app_bug", "Everyone is hit, on one path: the app repeats a header, or puts data into one (debug information, a list)."),
            new("limit_too_low", "The size is sensible for this app, and just above ProxyGate:Limits:ResponseHeaders.")),
        [CauseId.ResponseFramingConflict] = new(
            "The app's answer gives two different accounts of its own length. Whoever believes the wrong one mixes up answers, so ProxyGate refused it.",
            new("app_bug", "The app, or a library in it, sets Content-Length by hand although the server sends in pieces (Transfer-Encoding: chunked)."),
            new("middle_proxy", "Asked directly, the app's answer is right: another proxy between ProxyGate and the app adds a length and keeps the old one.")),
        [CauseId.ResponseCodingUnknown] = new(
            "The app's answer is packed for transfer in a way (Transfer-Encoding) that ProxyGate does not know, so it cannot tell where the answer ends.",
            new("app_bug", "The app writes Transfer-Encoding where Content-Encoding is meant (gzip, br), or misspells \"chunked\"."),
            new("middle_proxy", "Asked directly, the app's answer has no such header: something in between adds it.")),
    };
}
