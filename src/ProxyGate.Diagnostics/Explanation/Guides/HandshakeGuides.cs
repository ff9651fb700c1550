using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>From a connection to an encrypted one (TLS), certificates aside.</summary>
internal static class HandshakeGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.TlsToPlainHttpPort] = new(
            "The destination is configured with https://, but what answers on that port does not speak TLS, the encryption of https.",
            new("scheme_https_to_http", "The same address answers correctly when asked with http://."),
            new("wrong_port", "The app has a second port that speaks TLS (443, 8443), and this is not it."),
            new("app_protocol_mismatch", "The answer is neither TLS nor HTTP: another service, such as a database or mail server, listens there.")),
        [CauseId.PlainHttpToTlsPort] = new(
            "The destination is configured with http://, but that port expects TLS, the encryption of https.",
            new("scheme_http_to_https", "The same address answers correctly when asked with https://."),
            new("wrong_port", "The app has a second port for plain http (80, 8080), and this is not it.")),
        [CauseId.TlsHandshakeTimeout] = new(
            "The connection was made, but the other side did not finish agreeing on the encryption (the TLS handshake) in time.",
            new("app_hung", "The app accepts connections, or its system does so for it, and sends no byte: it hangs or is overloaded."),
            new("scheme_https_to_http", "The port speaks a plain protocol in which the client must write first and the server waits: with http:// the app answers."),
            new("packets_too_large", "Small packets pass and large ones do not: it hangs after the first message, and works with a smaller packet size (MTU), often with a VPN or tunnel in between."),
            new("middlebox_cut", "It works from the app's own machine: something in between holds TLS back.")),
        [CauseId.TlsHandshakeClosed] = new(
            "The other side ended the connection while the encryption (TLS) was being agreed on, without saying why.",
            new("scheme_https_to_http", "The same address answers with http://: the program there hangs up on what it does not understand."),
            new("wrong_sni_or_host", "It works when another server name is sent (openssl s_client -servername): the server, or a load balancer before it, has no site of this name."),
            new("app_refuses_gateway", "It works from other machines with the same name: this one is not on the server's allow list."),
            new("mtls_missing", "The server asked for a client certificate before it hung up."),
            new("tls_too_old", "It works when an older or newer TLS version is demanded."),
            new("restarted", "It lasts for seconds, and the app's process is young: it was restarted.")),
        [CauseId.TlsVersionOrCipherMismatch] = new(
            "ProxyGate and the app found no TLS version or cipher that both accept, so there is no encrypted connection.",
            new("tls_too_old", "The app's server speaks only TLS 1.0 or 1.1: openssl s_client -tls1_2 fails against it too."),
            new("tls_settings", "Both speak the same version, but the server's list of ciphers or its key type fits nothing modern."),
            new("wrong_sni_or_host", "It works when another server name is sent: some servers answer an unknown name with this alert (handshake_failure).")),
        [CauseId.TlsSniRejected] = new(
            "The server does not know the name ProxyGate asked for (the TLS server name, SNI) and refused the encrypted connection.",
            new("wrong_sni_or_host", "It works when the server's public or certificate name is sent instead, for instance because the destination is configured by IP address."),
            new("config_mistake", "The name is right, and the server's own configuration has no site of that name.")),
        [CauseId.TlsClientCertRequired] = new(
            "The app wants ProxyGate to show a certificate of its own (mutual TLS), and none is configured, or the one shown was not accepted.",
            new("mtls_missing", "No client certificate is configured for this cluster, and the server asks for one in the handshake."),
            new("mtls_rejected", "A client certificate is configured, and the server refuses it: expired, or from an authority the server does not know.")),
        [CauseId.TlsAlertReceived] = new(
            "The app's server stopped the encrypted connection with an error message of the TLS protocol (an alert). Its number and name are in the evidence.",
            new("tls_settings", "The alert is illegal_parameter, decode_error or insufficient_security: the two sides' TLS settings or libraries do not fit."),
            new("app_bug", "The alert is internal_error: the server could not do its own part, often because its certificate or key could not be loaded; its log says so."),
            new("wrong_sni_or_host", "It works when another server name is sent."),
            new("mtls_rejected", "The alert is access_denied or speaks of a certificate: the server does not accept this client.")),
        [CauseId.HttpVersionNotNegotiated] = new(
            "The destination is configured for HTTP/2 only, and the app's server did not agree to it when the encryption was set up.",
            new("h2c_or_grpc", "The app answers over HTTP/1.1: demand HTTP/2 no more (VersionPolicy RequestVersionOrLower), or switch it on in the app."),
            new("middlebox_cut", "The app offers HTTP/2 when asked on its own machine: a proxy or load balancer in between ends TLS and does not offer it.")),
    };
}
