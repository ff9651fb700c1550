using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>The head was whole; what came after it was not.</summary>
internal static class BodyRules
{
    public static Verdict Ended(AttemptFacts attempt) => attempt.End switch
    {
        AttemptEnd.PeerReset => new Verdict(CauseId.ResponseBodyReset),
        _ => new Verdict(CauseId.ResponseBodyTruncated),
    };

    /// <summary>An answer that came whole and is the app's own trouble, or another gateway's.</summary>
    public static Verdict? Answered(AttemptFacts attempt)
    {
        if (attempt.UpstreamStatus is not { } status) return null;
        if (status >= 400 && !attempt.RequestComplete && attempt.BodyBytesSent > 0) return new Verdict(CauseId.UploadRejectedEarly);
        if (status < 500) return null;
        if (status is not (502 or 503 or 504)) return new Verdict(CauseId.UpstreamErrorPassedThrough);
        var who = attempt.UpstreamIdentity;
        if (!string.IsNullOrEmpty(who?.ProxyStatus)) return new Verdict(CauseId.UpstreamIsAGateway);
        return NamesAGateway(who?.Server) || !string.IsNullOrEmpty(who?.Via)
            ? new Verdict(CauseId.UpstreamIsAGateway, Confidence.Likely)
            : new Verdict(CauseId.UpstreamErrorPassedThrough);
    }

    /// <summary>
    /// A WebSocket was asked for and the app gave an ordinary answer, which is passed on. Not so a redirect or a demand to sign in, slow
    /// down or pay, which are the app's to make; and over HTTP/2 a tunnel is opened by a 2xx (RFC 8441 section 5).
    /// </summary>
    public static Verdict? RefusedUpgrade(AttemptFacts attempt, RequestFacts request)
    {
        if (!request.WantsUpgrade || request.TunnelEnd != TunnelEnd.None) return null;
        var opened = attempt.Protocol != "http/1.1" && attempt.UpstreamStatus is >= 200 and < 300;
        return !opened && attempt.UpstreamStatus is (>= 200 and < 300) or (>= 400 and < 500 and not (401 or 402 or 403 or 407 or 429))
            ? new Verdict(CauseId.UpgradeFailed)
            : null;
    }

    private static readonly string[] Gateways = ["nginx", "openresty", "haproxy", "caddy", "envoy", "istio", "traefik", "varnish", "cloudflare", "awselb", "kong", "apisix", "ats", "squid", "proxygate"];

    private static bool NamesAGateway(string? server) =>
        server is not null && Gateways.Any(g => server.StartsWith(g, StringComparison.OrdinalIgnoreCase));
}
