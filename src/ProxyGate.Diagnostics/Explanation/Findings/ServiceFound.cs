using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>What speaks at the port, where the attempt met something else than it expected.</summary>
internal static class ServiceFound
{
    private static readonly string[] HttpServers = ["nginx", "Apache", "Caddy", "Kestrel", "HAProxy", "Node", "Go"];

    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Service is not { Connected: true } service || look.EndPoint is null || !Fits(look.Cause)) yield break;
        if (IsPlainToTls(look))
        {
            yield return Found(
                "scheme_http_to_https",
                Confidence.Proved,
                $"The port speaks https, but the configuration says http: {look.Where} completes a TLS handshake and does not serve plain HTTP.",
                [$"A TLS handshake with {look.Where} succeeded{Certificate(service)}; the attempt had spoken plain HTTP and got {Amounts.Bytes(look.Attempt?.BytesReceived ?? 0)} of an answer"],
                [$"curl -skv -o /dev/null --max-time 5 {Shell.Word(look.Seen.Destination.Url("https"))}"],
                [Configure(look, look.Seen.Destination.Url("https")), Step($"If its certificate is not signed by a known authority, set ProxyGate:Clusters:{look.Seen.Cluster}:UpstreamTls:TrustedCaFile too.")]);
        }
        else if (IsTlsToPlain(look))
        {
            yield return Found(
                "scheme_https_to_http",
                Confidence.Proved,
                $"The port speaks plain http, but the configuration says https: {look.Where} answers an HTTP request without TLS.",
                [$"{look.Where} answered a plain HTTP request{(service.HttpStatus is { } status ? Amounts.Invariant($" with status {status}") : "")} and does not complete a TLS handshake"],
                [$"curl -sv -o /dev/null --max-time 5 {Shell.Word(look.Seen.Destination.Url("http"))}"],
                [Configure(look, look.Seen.Destination.Url("http"))]);
        }
        else if (service.Name is { Length: > 0 } name && !HttpServers.Any(s => name.Contains(s, StringComparison.OrdinalIgnoreCase)) && service.SpeaksHttp1 != true)
        {
            yield return OtherService(look, service, name);
        }
        else if (service is { SpeaksH2c: true, SpeaksHttp1: not true } && !look.UsesTls && look.Attempt?.Protocol == "http/1.1")
        {
            yield return Found(
                "h2c_or_grpc",
                Confidence.Proved,
                $"{look.Where} speaks HTTP/2 only, as gRPC servers do, but the cluster is set to HTTP/1.1.",
                [$"{look.Where} answered the opening of an HTTP/2 connection, and no HTTP/1.1 request"],
                [$"curl -sv -o /dev/null --http2-prior-knowledge --max-time 5 {Shell.Word(look.Seen.Destination.Url("http"))}"],
                [Step($"Set in cluster \"{Seen.Short(look.Seen.Request.Cluster ?? "")}\": \"HttpRequest\": {{ \"Version\": \"2\", \"VersionPolicy\": \"RequestVersionExact\" }}")]);
        }
    }

    /// <summary>Spoken to in plain HTTP, and it speaks TLS.</summary>
    public static bool IsPlainToTls(Look look) => Refinements.IsPlainToTls(look.Seen.Failure, look.Facts);

    /// <summary>Spoken to in TLS, and it speaks plain HTTP.</summary>
    public static bool IsTlsToPlain(Look look) => Refinements.IsTlsToPlain(look.Seen.Failure, look.Facts);

    private static bool Fits(string cause) => cause is CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.StaleConnection
        or CauseId.ResponseNotHttp or CauseId.ResponseHeadMalformed or CauseId.ResponseHeadIncomplete or CauseId.ResponseTimeout or CauseId.RequestSendFailed
        or CauseId.TlsHandshakeClosed or CauseId.TlsHandshakeTimeout or CauseId.TlsToPlainHttpPort or CauseId.PlainHttpToTlsPort
        or CauseId.HttpVersionMismatch or CauseId.Http2ProtocolError or CauseId.UpstreamErrorPassedThrough;

    private static Hint OtherService(Look look, ServiceFacts service, string name)
    {
        var banner = service.Banner.IsEmpty ? $"It answers as {Seen.Short(name)} does" : $"It says \"{RawBytes.Text(service.Banner.Span, 48)}\" before being asked";
        var isGatewayProtocol = name.Contains("CGI", StringComparison.OrdinalIgnoreCase) || name.Contains("uwsgi", StringComparison.OrdinalIgnoreCase) || name.Contains("AJP", StringComparison.OrdinalIgnoreCase);
        return isGatewayProtocol
            ? Found(
                "app_protocol_mismatch",
                Confidence.Proved,
                $"{look.Where} speaks {Seen.Short(name)}, not HTTP. ProxyGate speaks HTTP only.",
                [banner],
                [Listeners(look)],
                [Step("Give the app an HTTP port (uwsgi: http-socket instead of socket; Tomcat: its HTTP connector), or put a web server that speaks its protocol between.")])
            : Found(
                "wrong_port",
                Confidence.Proved,
                $"Port {look.PortText} is not the app's: {Seen.Short(name)} answers on {look.Where}.",
                [banner],
                [Listeners(look), "ss -ltnp"],
                [Step($"Which port does the app use on {look.Ip}? Set it in the address of destination \"{look.DestinationName}\".")]);
    }

    private static string Certificate(ServiceFacts service) => service.Certificate is { } c ? $" (its certificate: {Seen.Short(c.Subject)})" : "";
}
