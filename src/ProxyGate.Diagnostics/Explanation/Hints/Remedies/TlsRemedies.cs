using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The secure connection, certificates aside.</summary>
internal static class TlsRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["scheme_https_to_http"] = new(
            s => [Step("Does it answer over plain http?"), Checks.Curl(s, "http")],
            s => ChangeAddress(s, $"from https to http: {Seen.Short(s.Destination.Url("http"))}")),
        ["scheme_http_to_https"] = new(
            s => [Step("Does it answer over https? (-k: whatever its certificate)"), Checks.Curl(s, "https", "-skv -o /dev/null --max-time 10")],
            s =>
            [
                .. ChangeAddress(s, $"from http to https: {Seen.Short(s.Destination.Url("https"))}"),
                Step("Its certificate must then be trusted here and be for that name; ProxyGate:UpstreamTls:TrustedCaFile names an issuer of your own."),
            ]),
        ["wrong_sni_or_host"] = new(
            s => [Step("Which names are in its certificate?"), Names(s, s.Tls?.ServerName), .. Suggested(s) is { } name ? new[] { Step("And when it is asked for that name:"), Names(s, name) } : []],
            s => [Step($"Set {Setting(s, "UpstreamTls:ServerName")} to {(Suggested(s) is { } name ? $"\"{Seen.Short(name)}\"" : "a name the server knows")}; the address can stay as it is."), CheckConfig(s)]),
        ["mtls_missing"] = new(
            s => [Step("Which issuers does the server accept? See \"Acceptable client certificate CA names\":"), Checks.OpenSsl(s) + " 2>/dev/null | grep -A 20 'Acceptable client certificate CA names'"],
            s => [Step($"Set {Setting(s, "UpstreamTls:ClientCertificate")} to a certificate and key which that server accepts."), CheckConfig(s)]),
        ["mtls_rejected"] = new(
            s =>
            [
                Step("Dates and issuer of ProxyGate's certificate (put in its file for CERTIFICATE):"),
                "openssl x509 -in CERTIFICATE -noout -subject -issuer -dates",
                Step("Which issuers does the server accept?"),
                Checks.OpenSsl(s) + " 2>/dev/null | grep -A 20 'Acceptable client certificate CA names'",
            ],
            s => [Step($"Renew it, or set {Setting(s, "UpstreamTls:ClientCertificate")} to one from an issuer the server accepts."), CheckConfig(s)]),
        ["tls_too_old"] = new(
            s => [Step("Which version does it accept? The one that shows a certificate:"), Checks.OpenSsl(s, " -tls1_3"), Checks.OpenSsl(s, " -tls1_2"), Checks.OpenSsl(s, " -tls1_1")],
            s => [Step("Let the app's server speak TLS 1.2 or 1.3 (nginx: ssl_protocols, Apache: SSLProtocol, Java: jdk.tls.disabledAlgorithms). Older versions are not safe, and ProxyGate does not offer them.")]),
        ["tls_settings"] = new(
            s => [Step("Does it come about with openssl's own settings, and which cipher is chosen?"), Checks.OpenSsl(s, " -tls1_2") + " 2>&1 | grep -E 'Protocol|Cipher|alert'", Checks.OpenSsl(s, " -tls1_3") + " 2>&1 | grep -E 'Protocol|Cipher|alert'"],
            s => [Step("Let the app's server accept usual ciphers (nginx: ssl_ciphers HIGH:!aNULL, with an RSA or ECDSA certificate). Its log names what it missed.")]),
    };

    /// <summary>The names in the certificate the server shows now, asked for by name.</summary>
    internal static string Names(Seen s, string? name) => Checks.OpenSslAs(s, name) + " 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName";

    private static string? Suggested(Seen s) => s.Tls?.Certificate?.Names.FirstOrDefault(n => n.Length > 0 && !n.StartsWith('*'));
}
