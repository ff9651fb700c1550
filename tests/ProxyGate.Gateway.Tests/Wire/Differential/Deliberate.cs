namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>Where our gateway and bare YARP with SocketsHttpHandler differ on purpose, each with its reason. Everything else must be the same.</summary>
internal static class Deliberate
{
    /// <summary>What tells of the connection or the moment, not of the answer.</summary>
    private static readonly string[] OfTheHop = ["Connection", "Keep-Alive", "Transfer-Encoding", "Date"];

    /// <summary>Written by the gateway itself, in words of its own.</summary>
    private static readonly string[] Ours =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Real-IP", "Forwarded", "CDN-Loop", "traceparent", "tracestate", "Request-Id", Exchange.CaseField];

    /// <summary>Whether the client's views need not be compared.</summary>
    public static bool ClientMayDiffer(Exchange exchange, ClientView ours, ClientView bare)
    {
        var strict = exchange.Strict;
        // RFC 9112 forbids it and we refuse it, with a name: two lengths, a length and a coding, other codings than chunked, folded lines, controls in
        // values, sizes and chunk lines that are none, and statuses outside 100 to 599. SocketsHttpHandler takes some of them for something.
        if (strict.Verdict != Verdict.Whole) return ours.Came != Came.Answer;
        // A 101 that nobody asked for opens no tunnel; YARP finds that only when the client cannot be upgraded.
        if (strict.Status == 101 && exchange.Tunnel.Length == 0) return ours.Came != Came.Answer;
        _ = bare;
        return false;
    }

    public static IEnumerable<StrictField> ForClient(IReadOnlyList<StrictField> fields) =>
        // RFC 9209: an answer of the app's that tells of a failure is marked as the app's own.
        fields.Where(f => !OfTheHop.Contains(f.Name, StringComparer.OrdinalIgnoreCase) && !(f.Is("Proxy-Status") && f.Value.StartsWith("proxygate; received-status=", StringComparison.Ordinal)));

    public static IEnumerable<StrictField> Trailing(IReadOnlyList<StrictField> trailers) => trailers;

    public static IEnumerable<StrictField> ForApp(StrictMessage request, Exchange exchange, bool http2)
    {
        _ = exchange;
        _ = http2;
        return request.Fields.Where(f => !Ours.Contains(f.Name, StringComparer.OrdinalIgnoreCase));
    }
}
