namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>Where our gateway and bare YARP with SocketsHttpHandler differ on purpose, each with its reason. Everything else must be the same.</summary>
internal static class Deliberate
{
    /// <summary>What tells of the connection or the moment, not of the answer.</summary>
    private static readonly string[] OfTheHop = ["Connection", "Keep-Alive", "Transfer-Encoding", "Date"];

    /// <summary>Written by the gateway itself, in words of its own.</summary>
    private static readonly string[] Ours =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded", "CDN-Loop", "traceparent", "tracestate", "Request-Id", Exchange.CaseField];

    /// <summary>Whether what the client gets need not be the same.</summary>
    public static bool ClientMayDiffer(Exchange exchange, ClientView ours)
    {
        var strict = exchange.Strict;
        // RFC 9112 forbids it and we refuse it, with a name: two lengths, a length and a coding, other codings than chunked, folded lines, controls in
        // values, sizes and chunk lines that are none, and statuses outside 100 to 599. SocketsHttpHandler takes some of them for something.
        if (strict.Verdict != Verdict.Whole) return ours.Came != Came.Answer;
        // A 101 that nobody asked for opens no tunnel. (YARP takes every other wish than for a WebSocket out of the request, and takes the 101 all the same.)
        if (strict.Status == 101 && exchange.Tunnel.Length == 0) return ours.Came != Came.Answer;
        // RFC 9110 sections 8.6 and 15.3.6: neither has content. YARP tells the server to send some, which it cannot, and the answer fails or hangs.
        if (strict.AnnouncesNeedlessBody) return ours.Came == Came.Answer && ours.Status == strict.Status && ours.Body.Length == 0;
        // RFC 9112 section 6.3: equal lengths, in a list or in several fields, are that one length. SocketsHttpHandler hands on what it got, and Kestrel takes no such field.
        if (strict.Values("Content-Length").SelectMany(v => v.Split(',')).Skip(1).Any()) return ours.Came == Came.Answer && ours.Status == strict.Status && ours.Body.AsSpan().SequenceEqual(strict.Body);
        // An answer that comes before the body's end is passed on at once; SocketsHttpHandler keeps most of them until it has sent the body.
        return exchange.Play.Early && ours.Came == Came.Answer && ours.Status == strict.Status && ours.Body.AsSpan().SequenceEqual(strict.Body);
    }

    /// <summary>RFC 1945 section 8.3: a POST of HTTP/1.0 must tell its length, and so must a PUT. Where they do not, the server itself answers, in both gateways, and nobody else is asked.</summary>
    public static bool IsTheServersRefusal(Exchange exchange, Handled handled) =>
        exchange is { Version: "HTTP/1.0", Method: "POST" or "PUT", BodyKind: BodyKind.None } && handled is { App.Count: 0, Client: { Came: Came.Answer, Status: 400 } };

    public static IEnumerable<StrictField> ForClient(IReadOnlyList<StrictField> fields) =>
        // RFC 9209: an answer of the app's that tells of a failure is marked as the app's own.
        fields.Where(f => !OfTheHop.Contains(f.Name, StringComparer.OrdinalIgnoreCase) && !(f.Is("Proxy-Status") && f.Value.StartsWith("proxygate; received-status=", StringComparison.Ordinal)));

    /// <summary>The fields that the app is to get the same.</summary>
    public static IEnumerable<StrictField> ForApp(Exchange exchange, StrictMessage request, bool http2) => request.Fields.Where(f =>
        !Ours.Contains(f.Name, StringComparer.OrdinalIgnoreCase) && !(IsToldOfNothing(request) && f.Is("Content-Length"))
        && !(http2 && IsUnmeasuredNothing(exchange) && (f.Is("Content-Length") || f.Is("Transfer-Encoding"))));

    /// <summary>
    /// RFC 9113 section 8.1: a body of HTTP/2 may turn out to be empty only behind the head. Who looks before that passes on chunks, of which there are none, and
    /// who looks later a length of 0 or nothing at all: which of them it is is chance, in either gateway.
    /// </summary>
    public static bool IsUnmeasuredNothing(Exchange exchange) => exchange is { BodyKind: BodyKind.Chunked, Body.Length: 0 };

    /// <summary>
    /// RFC 9110 section 8.6 wants an empty body to be told where a method means one. SocketsHttpHandler tells it of every method it does not know.
    /// </summary>
    public static bool IsToldOfNothing(StrictMessage request) => request is { Length: 0, Method: not ("POST" or "PUT" or "PATCH") };

    /// <summary>With what several lines of a field become one: SocketsHttpHandler joins them so, and we pass them on as they came.</summary>
    public static string Joint(string name) => name switch
    {
        "cookie" => "; ",
        "user-agent" or "server" => " ",
        _ => ", ",
    };
}
