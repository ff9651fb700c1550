using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The secure connection to the app (TLS, that is https).</summary>
internal static class TlsWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.TlsToPlainHttpPort] = new(
            s => $"The configuration says https, but {s.Where} does not speak TLS: it answered ProxyGate's handshake with {Answered(s)}.",
            "That the app is broken: it may work well over plain http.",
            s => [Checks.Step("Does it answer over plain http?"), Checks.Curl(s, "http")]),
        [CauseId.PlainHttpToTlsPort] = new(
            s => $"The configuration says http, but {s.Where} expects https: {TlsComplaint(s)}.",
            "That the app is broken: it was spoken to in the wrong way.",
            s => [Checks.Step("Does it answer over https?"), Checks.Curl(s, "https", "-skv -o /dev/null --max-time 10")]),
        [CauseId.TlsHandshakeTimeout] = new(
            s => $"{s.Where} accepted the connection but did not finish the TLS handshake within {s.Limit} ({Amounts.Bytes(s.Attempt?.BytesReceived ?? 0)} of an answer came).",
            "That its certificate or settings are wrong: it did not get so far. A port that does not speak TLS at all, and an app too busy to answer, both stay silent.",
            s => [Checks.OpenSsl(s), Checks.Step("If that hangs as well, try plain http:"), Checks.Curl(s, "http")]),
        [CauseId.TlsHandshakeClosed] = new(
            s => $"{s.Where} accepted the connection and {Ended(s)} during the TLS handshake, without saying why.",
            "The reason. Servers do so for a name they do not know, for settings they do not support, because they stop just then, or because the port does not speak TLS.",
            s => [Checks.OpenSsl(s), Checks.Curl(s, "http")]),
        [CauseId.TlsVersionOrCipherMismatch] = new(
            s => $"{s.Where} ended the TLS handshake with {Alert(s)}: it shares no TLS version or cipher with what ProxyGate offered{Offer(s)}.",
            "Which of the two it is. Some servers send handshake_failure for other reasons too, such as a name they do not know.",
            s => [Checks.Step("Which version does it accept?"), Checks.OpenSsl(s, " -tls1_3"), Checks.OpenSsl(s, " -tls1_2"), Checks.OpenSsl(s, " -tls1_1")]),
        [CauseId.TlsSniRejected] = new(
            s => $"{s.Where} does not serve the name {NameSent(s)}: it ended the TLS handshake with {Alert(s)}.",
            "That the address is wrong: the server may be the right one and know itself by another name.",
            s => [Checks.OpenSsl(s)]),
        [CauseId.TlsCertExpired] = new(
            s => $"The certificate of {s.Where} is no longer valid: it ended on {NotAfter(s)}. ProxyGate ended the connection before sending the request.",
            "That the app has a fault: only its certificate is out of date. If this machine's clock is wrong, the certificate may be fine.",
            s => ["date -u", Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -dates"]),
        [CauseId.TlsCertNotYetValid] = new(
            s => $"The certificate of {s.Where} is not valid yet: it begins on {NotBefore(s)}. ProxyGate ended the connection before sending the request.",
            "That the certificate is wrong: more often a clock is, this machine's or the one of the machine that issued it.",
            s => ["date -u", "timedatectl", Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -dates"]),
        [CauseId.TlsCertNameMismatch] = new(
            s => $"The certificate of {s.Where} is for {Names(s)}, not for {NameSent(s)}, the name ProxyGate asked for. ProxyGate ended the connection before sending the request.",
            "That somebody pretends to be the app. A destination written as an IP address, or under a short internal name, leads here as well.",
            s => [Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName"]),
        [CauseId.TlsCertUntrusted] = new(
            s => $"ProxyGate cannot verify the certificate of {s.Where}: {Untrusted(s)}. It ended the connection before sending the request.",
            "That the certificate is false: an internal issuer that this machine has not been told about looks the same.",
            s => [Checks.OpenSsl(s, " -showcerts")]),
        [CauseId.TlsCertRevoked] = new(
            s => $"The certificate of {s.Where} has been revoked by its issuer ({Issuer(s)}). ProxyGate ended the connection before sending the request.",
            "Why it was revoked.",
            s => [Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -serial"]),
        [CauseId.TlsClientCertRequired] = new(
            s => $"{s.Where} wants a certificate from ProxyGate (mutual TLS) and {ClientCertificate(s)}.",
            s => s.Tls?.ClientCertificateSent == true
                ? "What is wrong with the certificate: expired, from an issuer the server does not trust, or not the expected one."
                : "",
            s => [Checks.Step("Which issuers does the server accept? See \"Acceptable client certificate CA names\":"), Checks.OpenSsl(s)]),
        [CauseId.TlsAlertReceived] = new(
            s => $"{s.Where} ended the TLS connection with {Alert(s)}.",
            "What it means for this server: its own log says why it sent the alert.",
            s => [Checks.OpenSsl(s)]),
        [CauseId.HttpVersionNotNegotiated] = new(
            s => $"The configuration demands HTTP/2, but {s.Where} did not agree to it in the TLS handshake ({Alpn(s)}).",
            "That the app is broken: it may answer well over HTTP/1.1.",
            s => [Checks.OpenSsl(s, " -alpn h2,http/1.1") + " 2>/dev/null | grep -i alpn", Checks.Curl(s, "https", "-skv --http2 -o /dev/null --max-time 10")]),
    };

    private static string Answered(Seen s) => s.Banner is null ? "something that is no TLS" : s.FirstBytesInWords;

    private static string TlsComplaint(Seen s) => s.Attempt?.HeadDefect == HeadDefect.PlainHttpToTlsPage
        ? $"its answer was a page saying so{Status(s)}"
        : s.FirstBytesAre == "tls_alert" && s.Attempt is { FirstBytes: { Length: >= 7 } bytes }
            ? $"it answered the request with the TLS alert {ProtocolNames.AlertInWords(bytes[6])}"
            : "it answered the request with TLS bytes";

    private static string Status(Seen s) => s.Attempt?.UpstreamStatus is { } status ? Amounts.Invariant($", with status {status}") : "";

    private static string Ended(Seen s) => s.Attempt?.End == AttemptEnd.PeerReset || s.Attempt?.Errno == 104 ? "broke the connection off (reset)" : "closed it";

    public static string Alert(Seen s) => s.Tls?.AlertReceived is { } alert ? ProtocolNames.AlertInWords(alert) : "a TLS alert";

    private static string Offer(Seen s) => s.Tls?.Version is { } version ? $" (agreed so far: {ProtocolNames.Tls(version)})" : "";

    private static string NameSent(Seen s) => s.Tls?.ServerName is { } name ? $"\"{Seen.Short(name)}\"" : $"{Seen.Short(s.Destination.Host)} (no name was sent, because the address is an IP address)";

    private static string NotAfter(Seen s) => s.Tls?.Certificate is { } c ? Amounts.Moment(c.NotAfter) : "a date in the past";

    private static string NotBefore(Seen s) => s.Tls?.Certificate is { } c ? Amounts.Moment(c.NotBefore) : "a date in the future";

    private static string Issuer(Seen s) => s.Tls?.Certificate is { } c ? Seen.Short(c.Issuer) : "unknown";

    public static string Names(Seen s)
    {
        if (s.Tls?.Certificate is not { } certificate) return "another name";
        if (certificate.Names.Count == 0) return $"\"{Seen.Short(certificate.Subject)}\" and names no host";
        var shown = string.Join(", ", certificate.Names.Take(4).Select(n => $"\"{Seen.Short(n)}\""));
        return certificate.Names.Count > 4 ? Amounts.Invariant($"{shown} and {certificate.Names.Count - 4} more names") : shown;
    }

    private static string Untrusted(Seen s)
    {
        var problems = s.Tls?.Problems ?? [];
        if (problems.Contains(CertificateProblem.NotSent)) return "it sent none";
        if (problems.Contains(CertificateProblem.SelfSigned)) return "it is signed by itself, not by an issuer this machine trusts";
        if (problems.Contains(CertificateProblem.MissingIntermediate)) return $"the server did not send the certificate in between that links it to its issuer ({Issuer(s)})";
        if (problems.Contains(CertificateProblem.WrongUsage)) return "it was not issued for use by a server";
        return $"this machine does not trust its issuer ({Issuer(s)})";
    }

    private static string ClientCertificate(Seen s)
    {
        var ended = s.Tls?.AlertReceived is not null ? $"ended the connection with {Alert(s)}"
            : s.Attempt?.HeadDefect == HeadDefect.ClientCertificatePage ? "answered with a page saying that none was sent"
            : "ended the connection without answering";
        return s.Tls?.ClientCertificateSent == true ? $"did not accept the one it got: it {ended}" : $"{ended}; none is configured";
    }

    private static string Alpn(Seen s) => s.Tls?.Alpn is { Length: > 0 } alpn ? $"it chose {Seen.Short(alpn)}" : "it chose none of the protocols offered";
}
