using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>An answer that came whole and is the app's own trouble, or another gateway's. It is passed on as it is.</summary>
internal static class AnswerRules
{
    private static readonly string[] Gateways =
    [
        "nginx", "openresty", "tengine", "angie", "haproxy", "caddy", "envoy", "istio-envoy", "traefik", "varnish", "cloudflare", "cloudfront",
        "awselb", "kong", "apisix", "ats", "apachetrafficserver", "squid", "proxygate", "microsoft-azure-application-gateway", "google frontend",
    ];

    /// <summary><c>null</c>: nothing is wrong with it.</summary>
    public static Verdict? Of(AttemptFacts attempt)
    {
        if (attempt.UpstreamStatus is not { } status) return null;
        if (IsEarlyRefusal(attempt)) return new Verdict(CauseId.UploadRejectedEarly);
        return status < 500 ? null : Error(status, attempt.UpstreamIdentity);
    }

    /// <summary>The app answered while the body was on its way and stopped reading. Refusing before the body is how 100-continue should be used.</summary>
    public static bool IsEarlyRefusal(AttemptFacts attempt) => attempt is { UpstreamStatus: >= 400, RequestComplete: false, BodyBytesSent: > 0 };

    /// <summary>
    /// A WebSocket was asked for and the app gave an ordinary answer, which is passed on. Not so a redirect or a demand to sign in, slow
    /// down or pay, which are the app's to make; and over HTTP/2 a tunnel is opened by a 2xx (RFC 8441 section 5).
    /// </summary>
    public static Verdict? RefusedUpgrade(RequestFacts request, AttemptFacts? last)
    {
        if (!request.WantsUpgrade || request.TunnelEnd != TunnelEnd.None || last is not { End: AttemptEnd.Answered, UpstreamStatus: { } status }) return null;
        var ordinary = status is (>= 200 and < 300) or (>= 400 and < 500 and not (401 or 402 or 403 or 407 or 429));
        var opened = Http2Rules.Spoken(last) && status is >= 200 and < 300;
        return ordinary && !opened ? new Verdict(CauseId.UpgradeFailed) : null;
    }

    private static Verdict Error(int status, UpstreamIdentity? who)
    {
        var own = new Verdict(CauseId.UpstreamErrorPassedThrough);
        var gateway = new Verdict(CauseId.UpstreamIsAGateway);
        if (!string.IsNullOrWhiteSpace(who?.ProxyStatus))
        {
            // RFC 9209 section 2.1: "error" says that the proxy made the answer, "received-status" that it only passed one on.
            if (Has(who.ProxyStatus, "error=")) return gateway;
            return Has(who.ProxyStatus, "received-status=") ? own : gateway with { Confidence = Confidence.Likely };
        }

        // The statuses a gateway makes when the server behind it fails (RFC 9110 section 15.6).
        if (status is not (502 or 503 or 504)) return own;
        var named = !string.IsNullOrWhiteSpace(who?.Server);
        if (named && NamesAGateway(who!.Server!)) return gateway with { Confidence = Confidence.Likely };
        if (string.IsNullOrWhiteSpace(who?.Via)) return own;
        // It came through a gateway; whether that one made it shows in whether the app still names itself.
        return named ? own with { Confidence = Confidence.Likely } : gateway with { Confidence = Confidence.Likely };
    }

    private static bool Has(string field, string parameter) => field.Contains(parameter, StringComparison.OrdinalIgnoreCase);

    /// <summary>The product is the first word of the field, up to its version: "ats" must not name "atsumi".</summary>
    private static bool NamesAGateway(string server) => Array.Exists(
        Gateways,
        g => server.StartsWith(g, StringComparison.OrdinalIgnoreCase)
            && (server.Length == g.Length || server[g.Length] is '/' or ' ' or '(' or ';' or ','));
}
