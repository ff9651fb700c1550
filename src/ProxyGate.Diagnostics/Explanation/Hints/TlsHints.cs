using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the handshake, or in the lack of one; certificates have their own rules.</summary>
internal static class TlsHints
{
    private const int HandshakeFailure = 40;
    private const int ProtocolVersion = 70;
    private const int InsufficientSecurity = 71;

    /// <summary>OpenSSL's SSL_R_UNSUPPORTED_PROTOCOL: the server's version is one we do not speak.</summary>
    private const int UnsupportedProtocol = 258;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        switch (s.Failure.Cause.Id)
        {
            // Without a byte of an answer it was a look afterwards that told, and the look's own hint says so.
            case CauseId.TlsToPlainHttpPort when a.FirstBytes.Length > 0 || s.Tls is { PeerIsNotTls: true }:
                yield return HttpsToHttp(s);
                break;
            case CauseId.PlainHttpToTlsPort when a.FirstBytes.Length > 0 || a.HeadDefect == HeadDefect.PlainHttpToTlsPage:
                yield return Hint(
                    s,
                    "scheme_http_to_https",
                    Confidence.Proved,
                    $"The address says http, but {s.Where} expects https.",
                    a.HeadDefect == HeadDefect.PlainHttpToTlsPage ? "Its answer is the well-known page about plain http on an https port" : $"Its answer is TLS: {RawBytes.Hex(a.FirstBytes, 16)}");
                break;
            case CauseId.TlsClientCertRequired when s.Tls is { ClientCertificateSent: true }:
                yield return Hint(s, "mtls_rejected", Confidence.Likely, $"{s.Where} does not accept the certificate that ProxyGate shows.", ClientCertificate(s, a));
                break;
            case CauseId.TlsClientCertRequired:
                yield return Hint(
                    s,
                    "mtls_missing",
                    s.Failure.Confidence,
                    $"{s.Where} wants to know by certificate who calls (mutual TLS), and ProxyGate has none to show.",
                    ClientCertificate(s, a));
                break;
            case CauseId.TlsSniRejected or CauseId.TlsCertNameMismatch:
                // One that names no host fits no name that could be asked for.
                if (s.Tls?.Certificate is not { Names.Count: 0 }) yield return WrongName(s, Confidence.Likely);
                break;
            case CauseId.TlsHandshakeClosed or CauseId.TlsVersionOrCipherMismatch when s.Tls is { ServerName: null, AlertReceived: null or HandshakeFailure }:
                yield return WrongName(s, Confidence.Possible);
                break;
            case CauseId.TlsVersionOrCipherMismatch when s.Tls is { AlertReceived: ProtocolVersion } or { OwnRefusal: UnsupportedProtocol }:
                yield return Hint(
                    s,
                    "tls_too_old",
                    Confidence.Likely,
                    $"{s.Where} and ProxyGate have no version of TLS in common. ProxyGate speaks 1.2 and 1.3.",
                    s.Tls.AlertReceived is { } alert ? $"The server sent {ProtocolNames.AlertInWords(alert)}" : "The version the server chose is one ProxyGate does not speak");
                break;
            case CauseId.TlsVersionOrCipherMismatch when s.Tls is { AlertReceived: InsufficientSecurity or HandshakeFailure } tls:
                yield return Hint(
                    s,
                    "tls_settings",
                    tls.AlertReceived == InsufficientSecurity ? Confidence.Likely : Confidence.Possible,
                    $"{s.Where} and ProxyGate have no cipher or key type in common.",
                    $"The server sent {ProtocolNames.AlertInWords(tls.AlertReceived ?? InsufficientSecurity)}");
                break;
            case CauseId.HttpVersionNotNegotiated when s.Tls is { Completed: true } agreed:
                yield return Hint(
                    s,
                    "h2c_or_grpc",
                    Confidence.Proved,
                    $"The cluster demands HTTP/2, and {s.Where} does not offer it.",
                    agreed.Alpn is { Length: > 0 } alpn ? $"In the TLS handshake (ALPN) it chose {Seen.Short(alpn)}" : "In the TLS handshake (ALPN) it chose none of the versions offered");
                break;
        }
    }

    private static Hint HttpsToHttp(Seen s)
    {
        var speaksHttp = s.FirstBytesAre is "http1_response" or "html";
        return Hint(
            s,
            "scheme_https_to_http",
            speaksHttp ? Confidence.Proved : Confidence.Likely,
            speaksHttp
                ? $"The address says https, but {s.Where} speaks plain http."
                : $"The address says https, but what answers at {s.Where} is not TLS. Often such a port speaks plain http.",
            s.Banner is null ? "The answer to the TLS handshake was not TLS" : $"It answered the TLS handshake with \"{s.Banner}\"");
    }

    private static string ClientCertificate(Seen s, AttemptFacts a) => a.HeadDefect == HeadDefect.ClientCertificatePage ? "Its answer is the well-known page about a missing certificate"
        : s.Tls?.AlertReceived is { } alert ? $"It asked for a certificate and sent {ProtocolNames.AlertInWords(alert)}"
        : s.Tls?.ClientCertificateSent == true ? "It asked for a certificate in the handshake, got one, and ended the connection"
        : "It asked for a certificate in the handshake, got none, and ended the connection";

    private static Hint WrongName(Seen s, Confidence confidence)
    {
        var sent = s.Tls?.ServerName;
        var evidence = new List<string> { sent is null ? "No name was asked for, because the destination is an IP address" : $"Name asked for: {Seen.Short(sent)}" };
        if (s.Tls?.Certificate is { Names.Count: > 0 } certificate) evidence.Add($"Names in the certificate: {string.Join(", ", certificate.Names.Take(8).Select(Seen.Short))}");
        if (s.Tls?.AlertReceived is { } alert) evidence.Add($"The server sent {ProtocolNames.AlertInWords(alert)}");
        return Hint(
            s,
            "wrong_sni_or_host",
            confidence,
            sent is null
                ? $"{s.Where} may need to be asked for by name, and ProxyGate asked for none."
                : $"{s.Where} is known under another name than \"{Seen.Short(sent)}\", the one ProxyGate asks for.",
            evidence);
    }
}
