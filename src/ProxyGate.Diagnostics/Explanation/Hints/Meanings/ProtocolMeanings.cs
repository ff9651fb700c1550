using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in what is said over the connection.</summary>
internal static class ProtocolMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "keepalive_race",
            "The app closed an unused connection at the same moment",
            "To save time, connections are kept open between requests. The app closed one just as ProxyGate used it again.",
            "A reused connection, unused for about the app's own limit (often 5 s), ended without a byte. A fresh connection speaks against it."),
        Guide(
            "app_protocol_mismatch",
            "The port speaks another protocol than HTTP",
            "What listens there expects FastCGI, uwsgi, AJP or a protocol of its own.",
            "It fails for every request, and the first bytes are not HTTP. An HTTP answer to curl speaks against it."),
        Guide(
            "h2c_or_grpc",
            "One side speaks HTTP/2, the other HTTP/1.1",
            "gRPC servers, for instance, often speak HTTP/2 only. The cluster's setting and the app do not fit together.",
            "Proved by HTTP/2 frames where HTTP/1.1 was spoken, or the reverse. An answer in the version configured speaks against it."),
        Guide(
            "headers_too_big",
            "The app sends very large header fields",
            "Cookies or sign-in tokens have grown beyond what ProxyGate accepts. Often it happens to some people only.",
            "The size of the head is over the limit, with several Set-Cookie fields. A small head by hand, signed in, speaks against it."),
        Guide(
            "request_headers_too_big",
            "The visitor's cookies are too large",
            "Cookies of one browser have grown beyond what ProxyGate or the app accepts.",
            "Status 431, or 400 from the app, for some browsers only; a private window works. A failure in a private window too speaks against it."),
        Guide(
            "upload_limit",
            "The upload is larger than the app accepts, or not allowed",
            "The app refused the upload before it had it all: too large, or the sender is not signed in.",
            "Status 413, or an end always after about the same size, while small uploads pass. A small upload that fails too speaks against it."),
        Guide(
            "broken_compression",
            "Compression in the app gives a wrong length",
            "The app, or something behind it, announces the length of one form of the answer (packed or unpacked) and sends the other.",
            "The answer is marked as compressed (Content-Encoding) and ends short, or cannot be unpacked; without compression it is whole. The same end without compression speaks against it."),
        Guide(
            "app_refuses_gateway",
            "The app turns ProxyGate away",
            "The program behind the port closes connections from addresses it does not expect, or clients it does not know.",
            "It happens each time and at once, and works from an address on its list. Success of some requests speaks against it."),
        Guide(
            "next_gateway_failed",
            "Another proxy behind this one failed",
            "The answer comes from another proxy or load balancer between ProxyGate and the app, which could not get one itself.",
            "The answer names that proxy (Server, Via, Proxy-Status) or is its error page. An entry for the request in the app's own log speaks against it."),
        Guide(
            "wrong_host_header",
            "The Host that arrives is another than the one expected",
            "Routes and apps choose by the host name in the request. Something in front changed it, or ProxyGate passes on another one.",
            "The host recorded with the failure differs from the one in the browser's address. The same host speaks against it."),
        Guide(
            "upgrade_not_supported",
            "There is no WebSocket at this path",
            "The app does not know live connections (WebSocket) at this path, or they are switched off.",
            "An ordinary answer (200, 400, 404, 426) instead of 101. A 101 by hand from the app's own machine speaks against it."),
        Guide(
            "no_heartbeat",
            "The connection carries no sign of life",
            "Nothing is sent for long, and no ping or comment in between, so ProxyGate takes the connection for dead.",
            "It ends exactly after the same quiet time each time. Ends before it speak against it."),
        Guide(
            "http2_server_limits",
            "The app's server ends HTTP/2 connections by its own rules",
            "Servers limit the age of a connection, and the number of requests or pings on it, and then close it in order.",
            "GOAWAY with NO_ERROR or ENHANCE_YOUR_CALM at a steady rhythm, also without load. Other codes speak against it."),
        Guide(
            "app_denied_upload",
            "The visitor may not upload",
            "The app refused the upload because of who sent it: not signed in, or without permission.",
            "Status 401 or 403 during the upload. Status 413 speaks against it."),
        Guide(
            "middle_proxy",
            "Something between ProxyGate and the app changes the answer",
            "Another proxy on the way adds, drops or rewrites parts of what is sent, and leaves it contradicting itself.",
            "Asked directly, from its own machine, the app answers right. The same fault there speaks against it."),
    ];
}
