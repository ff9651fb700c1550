namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>How one gateway handled one exchange.</summary>
internal sealed record Handled(string Gateway, ClientView Client, IReadOnlyList<StrictMessage> App);

/// <summary>Holds how our gateway handled an exchange against the rules and against bare YARP.</summary>
internal static class Comparison
{
    /// <summary>What is wrong, or null.</summary>
    public static string? Differs(Exchange exchange, Handled ours, Handled bare, bool http2) =>
        Wrong(exchange, ours) ?? OfClient(exchange, ours.Client, bare.Client, http2) ?? OfApp(exchange, ours, bare, http2);

    /// <summary>What holds whatever another gateway does.</summary>
    private static string? Wrong(Exchange exchange, Handled ours)
    {
        var strict = exchange.Strict;
        if (ours.Client.Came == Came.Malformed) return "what the client got is no answer";
        if (Deliberate.IsTheServersRefusal(exchange, ours)) return null;
        if (ours.App.Count > 1) return $"the app was asked {ours.App.Count} times";
        if (strict.Verdict != Verdict.Whole || IsUnaskedUpgrade(exchange, strict)) return ours.Client.Came == Came.Answer ? "an answer that must not be passed on came out as a whole one" : null;
        return ours.Client.Came == Came.Answer ? null : "a sound answer did not come out";
    }

    private static bool IsUnaskedUpgrade(Exchange exchange, StrictMessage strict) => strict.Status == 101 && exchange.Tunnel.Length == 0;

    private static string? OfClient(Exchange exchange, ClientView ours, ClientView bare, bool http2)
    {
        if (Deliberate.ClientMayDiffer(exchange, ours)) return null;
        if (ours.Came != Came.Answer) return bare.Came is Came.GatewayError or Came.Cut ? null : "bare YARP passes on what we refuse";
        if (bare.Came != Came.Answer) return "bare YARP refuses what we pass on";
        if (ours.Status != bare.Status) return "the status";
        if (!http2 && ours.Reason != bare.Reason) return "the reason";
        if (Listed(Deliberate.ForClient(ours.Fields)) is var own && Listed(Deliberate.ForClient(bare.Fields)) is var theirs && own != theirs) return $"the answer's fields\n    ours {own}\n    bare {theirs}";
        if (!ours.Body.AsSpan().SequenceEqual(bare.Body)) return "the answer's body";
        if (!http2 && ours.Framing != bare.Framing) return $"the answer's framing, {ours.Framing} and {bare.Framing}";
        if (Listed(ours.Trailers) != Listed(bare.Trailers)) return "the answer's trailers";
        if (!ours.Tunnel.AsSpan().SequenceEqual(bare.Tunnel)) return "what came through the tunnel";
        return ours.Kept == bare.Kept ? null : "whether the connection was kept";
    }

    private static string? OfApp(Exchange exchange, Handled ours, Handled bare, bool http2)
    {
        if (ours.App.Count == 0 || bare.App.Count == 0) return ours.App.Count == bare.App.Count ? null : $"whether the app was asked: {ours.App.Count} and {bare.App.Count} times";
        var (own, theirs) = (ours.App[^1], bare.App[^1]);
        if (own.Verdict == Verdict.Refused) return $"the app got no request: {own.Fault}";
        if (own.Method != theirs.Method) return "the method";
        if (own.Target != theirs.Target && own.Target != exchange.Target) return $"the target, {own.Target} and {theirs.Target}";
        if (Joined(Deliberate.ForApp(exchange, own, http2)) is var written && Joined(Deliberate.ForApp(exchange, theirs, http2)) is var expected && written != expected) return $"the request's fields\n    ours {written}\n    bare {expected}";
        if (exchange.Play.Early) return null;
        if (own.Verdict != theirs.Verdict) return $"whether the request is whole: {own.Verdict} and {theirs.Verdict}";
        if (own.Framing != theirs.Framing && !Deliberate.IsToldOfNothing(theirs) && !(http2 && Deliberate.IsUnmeasuredNothing(exchange))) return $"the request's framing, {own.Framing} and {theirs.Framing}";
        if (!own.Body.AsSpan().SequenceEqual(exchange.Body)) return "the request's body";
        return http2 || Listed(own.Trailers) == Listed(exchange.Trailers) ? null : $"the request's trailers {Listed(own.Trailers)}";
    }

    /// <summary>Order between different names means nothing; within a name it does.</summary>
    private static string Listed(IEnumerable<StrictField> fields) => string.Join(" | ", fields.Select(f => $"{f.Name.ToLowerInvariant()}: {f.Value}").GroupBy(f => f.Split(':')[0]).OrderBy(g => g.Key, StringComparer.Ordinal).SelectMany(g => g));

    /// <summary>As one field each, however many lines it came in (RFC 9110 section 5.3).</summary>
    private static string Joined(IEnumerable<StrictField> fields) =>
        string.Join(" | ", fields.GroupBy(f => f.Name.ToLowerInvariant()).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key}: {string.Join(Deliberate.Joint(g.Key), g.Select(f => f.Value)).Trim()}"));
}
