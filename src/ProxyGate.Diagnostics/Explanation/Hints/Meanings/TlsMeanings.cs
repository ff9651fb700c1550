using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in the secure connection (TLS, that is https).</summary>
internal static class TlsMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "scheme_https_to_http",
            "The address says https, the app speaks http",
            "ProxyGate was told to speak TLS (https) to a port that speaks plain http.",
            "Proved by an HTTP answer to the TLS handshake. A TLS alert or a certificate speaks against it."),
        Guide(
            "scheme_http_to_https",
            "The address says http, the app expects https",
            "ProxyGate was told to speak plain http to a port that expects TLS (https).",
            "Proved by TLS bytes in the answer, or by the well-known page about it. An ordinary HTTP answer speaks against it."),
        Guide(
            "wrong_sni_or_host",
            "The server is known under another name",
            "ProxyGate asks for a name that this server, or its certificate, does not have: often an IP address or an internal name.",
            "The names in the certificate and the name asked for differ, or the server says it does not know the name. Equal names speak against it."),
        Guide(
            "cert_expired_internal",
            "The certificate was not renewed in time",
            "The certificate of the app, or of the issuer it depends on, has passed its last day.",
            "Proved by its dates, with a right clock here. A date in the future speaks against it."),
        Guide(
            "clock_wrong",
            "A clock is wrong",
            "This machine, or the one that issued the certificate, has the wrong time, so that a good certificate looks too old or too new.",
            "Proved by comparing \"date -u\" with another clock. A right clock on both speaks against it."),
        Guide(
            "self_signed",
            "The certificate is signed by itself",
            "The app made its own certificate. That is usual for tests and inside a company; ProxyGate must be told to trust it.",
            "Proved when subject and issuer are the same and it is not in the list of trusted ones. Another issuer speaks against it."),
        Guide(
            "missing_intermediate",
            "The server does not send the certificate in between",
            "A certificate is linked to a trusted issuer by others. The server must send those in between, and sends its own only.",
            "Only one certificate was sent, and its issuer is not one of those trusted here. A full chain speaks against it."),
        Guide(
            "cert_revoked",
            "The issuer has withdrawn the certificate",
            "The issuer declared the certificate invalid before its last day, for instance because its key got into other hands.",
            "Proved by the issuer's list or answer (CRL, OCSP). A newer certificate on the server speaks against it."),
        Guide(
            "mtls_missing",
            "The app wants to know by certificate who calls",
            "The app accepts callers with a certificate only (mutual TLS), and ProxyGate has none to show.",
            "Proved by the app's request for a certificate, followed by an alert or a page that says so. An answer without one speaks against it."),
        Guide(
            "mtls_rejected",
            "The app does not accept ProxyGate's certificate",
            "ProxyGate showed a certificate, and the app refused it: too old, from an issuer it does not trust, or not the expected one.",
            "The app asked for a certificate, got one and sent an alert. An alert before that speaks against it."),
        Guide(
            "tls_too_old",
            "The app speaks only old versions of TLS, or only new ones",
            "ProxyGate and the app have no version of TLS in common. ProxyGate offers 1.2 and 1.3.",
            "The alert protocol_version, and \"openssl s_client\" succeeds with another version only. Success with TLS 1.2 speaks against it."),
        Guide(
            "tls_settings",
            "The TLS settings of the two sides do not fit",
            "The version is agreed, but no cipher, key type or extension is accepted by both sides.",
            "An alert such as handshake_failure or insufficient_security, while another client with older settings gets through. Success with openssl's defaults speaks against it."),
        Guide(
            "private_ca",
            "The issuer is your own, and ProxyGate does not know it",
            "The certificate comes from an issuer, often a company's own, that this machine has not been told to trust.",
            "The issuer is known to you and missing from ProxyGate's list. An issuer that nobody knows speaks against it."),
        Guide(
            "trust_store_missing",
            "This machine has no list of trusted issuers",
            "The list of issuers that everybody trusts (package ca-certificates) is missing, often in a small container.",
            "Every certificate is untrusted here, those of public sites too. A public site that is trusted speaks against it."),
        Guide(
            "cert_not_reloaded",
            "The certificate was renewed, but not loaded",
            "A newer certificate is on the app's machine, and the server still shows the old one until it is reloaded.",
            "The dates in the file differ from those the server shows. Equal dates speak against it."),
        Guide(
            "cert_too_new",
            "The certificate was put in place too early",
            "The certificate's first day is still to come.",
            "All clocks agree, and its first day (NotBefore) is later. A wrong clock speaks against it."),
        Guide(
            "cert_name_missing",
            "The certificate lacks the name that is asked for",
            "The name is the right one, but the certificate was issued without it.",
            "The name asked for is the one everybody uses, and it is missing among the certificate's names (SAN). A name there that you could ask for instead speaks against it."),
    ];
}
