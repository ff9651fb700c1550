using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the handshake, or in the lack of one.</summary>
internal static class TlsHints
{
    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        var cause = s.Failure.Cause.Id;
        // Without a byte of an answer it was a look afterwards that told, and the look's own hint says so.
        if (cause == CauseId.TlsToPlainHttpPort && (a.FirstBytes.Length > 0 || s.Tls is { PeerIsNotTls: true })) yield return HttpsToHttp(s, a);
        if (cause == CauseId.PlainHttpToTlsPort && (a.FirstBytes.Length > 0 || a.HeadDefect == HeadDefect.PlainHttpToTlsPage)) yield return HttpToHttps(s, a);
        if (cause == CauseId.TlsClientCertRequired && s.Tls is { ClientCertificateSent: false }) yield return NoClientCertificate(s, a);
        if (cause is CauseId.TlsSniRejected or CauseId.TlsCertNameMismatch) yield return WrongName(s);
        if (s.Tls is { Certificate: { } certificate, Problems.Count: > 0 } tls)
        {
            foreach (var hint in Certificate(s, tls, certificate)) yield return hint;
        }
    }

    private static Hint HttpsToHttp(Seen s, AttemptFacts a)
    {
        var speaksHttp = s.FirstBytesAre is "http1_response" or "html";
        return Hint(
            "scheme_https_to_http",
            speaksHttp ? Confidence.Proved : Confidence.Likely,
            speaksHttp
                ? $"The address says https, but {s.Where} speaks plain http."
                : $"The address says https, but what answers at {s.Where} is not TLS. Often such a port speaks plain http.",
            [s.Banner is null ? "The answer to the TLS handshake was not TLS" : $"Answered the TLS handshake with \"{s.Banner}\""],
            Shell.Step($"Change the address of destination \"{Seen.Short(a.Destination)}\" from https to http: {Seen.Short(s.Destination.Url("http"))}"),
            Checks.Curl(s, "http"));
    }

    private static Hint HttpToHttps(Seen s, AttemptFacts a) => Hint(
        "scheme_http_to_https",
        Confidence.Proved,
        $"The address says http, but {s.Where} expects https.",
        [a.HeadDefect == HeadDefect.PlainHttpToTlsPage ? "Its answer is the well-known page about plain http on an https port" : $"Its answer is TLS: {RawBytes.Hex(a.FirstBytes, 16)}"],
        Shell.Step($"Change the address of destination \"{Seen.Short(a.Destination)}\" from http to https: {Seen.Short(s.Destination.Url("https"))}"),
        Shell.Step("Then its certificate must be trusted here and be for that name; see ProxyGate:UpstreamTls."),
        Checks.Curl(s, "https", "-sv -o /dev/null --max-time 10"));

    private static Hint NoClientCertificate(Seen s, AttemptFacts a)
    {
        var proof = a.HeadDefect == HeadDefect.ClientCertificatePage ? "Its answer is the well-known page about a missing certificate"
            : s.Tls!.AlertReceived is { } alert ? $"It asked for a certificate and sent {ProtocolNames.AlertInWords(alert)}"
            : "It asked for a certificate in the handshake, got none, and ended the connection";
        return Hint(
            "mtls_missing",
            s.Failure.Confidence,
            $"{s.Where} wants to know by certificate who calls (mutual TLS), and ProxyGate has none to show.",
            [proof],
            Shell.Step($"Set ProxyGate:Clusters:{Seen.Short(s.Request.Cluster ?? "<cluster>")}:UpstreamTls:ClientCertificate to a certificate and key which that server accepts."),
            Checks.OpenSsl(s) + " 2>/dev/null | grep -A 20 'Acceptable client certificate CA names'");
    }

    private static Hint WrongName(Seen s)
    {
        var sent = s.Tls?.ServerName;
        var evidence = new List<string> { sent is null ? "No name was asked for, because the destination is an IP address" : $"Name asked for: {Seen.Short(sent)}" };
        if (s.Tls?.Certificate is { } certificate) evidence.Add($"Names in the certificate: {string.Join(", ", certificate.Names.Take(8).Select(Seen.Short))}");
        if (s.Tls?.AlertReceived is { } alert) evidence.Add($"The server sent {ProtocolNames.AlertInWords(alert)}");
        var suggestion = s.Tls?.Certificate?.Names.FirstOrDefault(n => !n.StartsWith('*')) ?? "the.name.it.knows";
        return Hint(
            "wrong_sni_or_host",
            Confidence.Likely,
            $"{s.Where} is known under another name than the one ProxyGate asks for.",
            evidence,
            Shell.Step($"Set ProxyGate:Clusters:{Seen.Short(s.Request.Cluster ?? "<cluster>")}:UpstreamTls:ServerName to \"{Seen.Short(suggestion)}\""),
            $"openssl s_client -connect {Shell.Word(s.Destination.HostPort)} -servername {Shell.Word(suggestion)} </dev/null 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName");
    }

    private static IEnumerable<Hint> Certificate(Seen s, TlsFacts tls, CertificateFacts c)
    {
        string[] evidence = [$"Subject {Seen.Short(c.Subject)}, issuer {Seen.Short(c.Issuer)}, valid {Amounts.Moment(c.NotBefore)} to {Amounts.Moment(c.NotAfter)}, {Amounts.Count(c.ChainLength, "certificate", "certificates")} sent"];
        if (tls.Problems.Contains(CertificateProblem.Expired))
        {
            yield return Hint(
                "cert_expired_internal",
                Confidence.Proved,
                $"The certificate of {s.Where} ended on {Amounts.Moment(c.NotAfter)} and was not renewed, or the renewed one was not loaded.",
                evidence,
                "date -u",
                Shell.Step("Renew the certificate, then reload the server that uses it."),
                Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -dates");
        }

        if (tls.Problems.Contains(CertificateProblem.SelfSigned))
        {
            yield return Hint(
                "self_signed",
                Confidence.Proved,
                $"The certificate of {s.Where} is signed by itself. That is usual for a test set-up; ProxyGate must be told to trust it.",
                evidence,
                Shell.Step("This writes the certificate to the file upstream-ca.pem:"),
                Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 > upstream-ca.pem",
                Shell.Step("Compare its fingerprint with the server's own, then set ProxyGate:UpstreamTls:TrustedCaFile to that file."));
        }

        if (tls.Problems.Contains(CertificateProblem.MissingIntermediate))
        {
            yield return Hint(
                "missing_intermediate",
                Confidence.Likely,
                $"{s.Where} sends its own certificate only, without the one in between that links it to a trusted issuer. Browsers often hide this mistake.",
                evidence,
                Checks.OpenSsl(s, " -showcerts"),
                Shell.Step("Let the server send the full chain (fullchain.pem instead of cert.pem)."));
        }
    }
}
