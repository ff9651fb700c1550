using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The app's certificate, judged by the gateway.</summary>
internal static class CertificateGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.TlsCertExpired] = new(
            "The app's certificate is past its last day, so ProxyGate did not send it the request.",
            new("cert_expired_internal", "The certificate's last day (NotAfter) is in the past by every clock: it was not renewed."),
            new("cert_not_reloaded", "The certificate file on the app's machine is new, and the server still shows the old one: it has to load it again."),
            new("wrong_sni_or_host", "The certificate shown is another site's, the server's default: with the right server name a valid one comes."),
            new("clock_wrong", "The last day is in the future by a correct clock: the clock of ProxyGate's machine runs ahead.")),
        [CauseId.TlsCertNotYetValid] = new(
            "The app's certificate is valid only from a later time, by the clock of ProxyGate's machine.",
            new("clock_wrong", "The clock of ProxyGate's machine is behind a correct one (timedatectl), or that of the machine that made the certificate was ahead."),
            new("cert_too_new", "All clocks agree, and the certificate's first day (NotBefore) is later: it was put in place too early.")),
        [CauseId.TlsCertNameMismatch] = new(
            "The app's certificate is for other names than the one ProxyGate asked for.",
            new("wrong_sni_or_host", "The certificate has the app's true name, and the destination is configured by IP address, container name or another name: set UpstreamTls:ServerName."),
            new("cert_name_missing", "The name is right, and the certificate lacks it among its names (SAN): it needs to be issued anew."),
            new("wrong_port", "The certificate belongs to another service that listens on this address and port."),
            new("stale_dns", "The name leads to another machine than it should: the certificate is that machine's.")),
        [CauseId.TlsCertUntrusted] = new(
            "The app's certificate was not issued by an authority that ProxyGate trusts, so ProxyGate did not send the request.",
            new("self_signed", "Subject and issuer of the certificate are the same: it vouches for itself."),
            new("private_ca", "The issuer is your own or your company's authority: put its certificate into UpstreamTls:TrustedCaFile."),
            new("missing_intermediate", "The server sends one certificate only, and its issuer is a known authority's intermediate: the server must send the whole chain."),
            new("cert_expired_internal", "The authority's own certificate has expired or was replaced."),
            new("wrong_sni_or_host", "Another certificate comes when another server name is sent: this one is the server's default."),
            new("trust_store_missing", "Every certificate is untrusted, public ones too: the machine or container has no list of authorities (package ca-certificates).")),
        [CauseId.TlsCertRevoked] = new(
            "The authority that issued the app's certificate has withdrawn it (revoked), so ProxyGate did not send the request.",
            new("cert_revoked", "The authority's list (CRL or OCSP) names this certificate's serial number: it must be replaced."),
            new("cert_not_reloaded", "A new certificate is on the app's machine already, and the server still shows the old one.")),
    };
}
