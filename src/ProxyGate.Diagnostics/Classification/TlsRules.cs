using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>The handshake failed, or the peer said by TLS means why it ends an established connection.</summary>
internal static class TlsRules
{
    public static Verdict Handshake(AttemptFacts attempt)
    {
        if (attempt.Tls is not { } tls) return new Verdict(CauseId.TlsHandshakeClosed, Confidence.Likely);
        if (tls.PeerIsNotTls) return new Verdict(CauseId.TlsToPlainHttpPort);
        if (tls.Problems.Count > 0) return Certificate(tls.Problems);
        if (tls.AlertReceived is { } alert) return Alert(alert, tls);
        return tls.OwnRefusal is not null ? new Verdict(CauseId.TlsVersionOrCipherMismatch, Confidence.Likely) : new Verdict(CauseId.TlsHandshakeClosed);
    }

    /// <summary>The order in which a person would mend them: a certificate that is out of date must be replaced whatever else it is.</summary>
    private static Verdict Certificate(IReadOnlyList<CertificateProblem> problems)
    {
        if (problems.Contains(CertificateProblem.Expired)) return new Verdict(CauseId.TlsCertExpired);
        if (problems.Contains(CertificateProblem.NotYetValid)) return new Verdict(CauseId.TlsCertNotYetValid);
        if (problems.Contains(CertificateProblem.Revoked)) return new Verdict(CauseId.TlsCertRevoked);
        if (problems.Any(p => p is not CertificateProblem.NameMismatch)) return new Verdict(CauseId.TlsCertUntrusted);
        return new Verdict(CauseId.TlsCertNameMismatch);
    }

    public static Verdict Alert(int alert, TlsFacts tls) => alert switch
    {
        // RFC 8446 section 6: 40 handshake_failure, 70 protocol_version, 71 insufficient_security, 86 inappropriate_fallback.
        40 when tls is { ClientCertificateRequested: true, ClientCertificateSent: false } => new Verdict(CauseId.TlsClientCertRequired),
        // handshake_failure says only that nothing fitted: mostly version or cipher, but a few servers say it of an unknown name.
        40 => new Verdict(CauseId.TlsVersionOrCipherMismatch, Confidence.Likely),
        70 or 71 or 86 => new Verdict(CauseId.TlsVersionOrCipherMismatch),
        112 => new Verdict(CauseId.TlsSniRejected),
        116 => new Verdict(CauseId.TlsClientCertRequired),
        42 or 43 or 44 or 45 or 46 or 48 or 49 when tls.ClientCertificateRequested || tls.ClientCertificateSent => new Verdict(CauseId.TlsClientCertRequired),
        120 => new Verdict(CauseId.HttpVersionNotNegotiated),
        _ => new Verdict(CauseId.TlsAlertReceived),
    };

    /// <summary>A connection that ended after the handshake without an answer, where TLS says why.</summary>
    public static Verdict? AfterHandshake(AttemptFacts attempt)
    {
        if (attempt.Tls is not { } tls || attempt.BytesReceived > 0) return null;
        if (tls.AlertReceived is { } alert and not 0) return Alert(alert, tls);

        // TLS 1.3 refuses a missing client certificate only after the handshake, often by a plain reset.
        return tls is { ClientCertificateRequested: true, ClientCertificateSent: false } && attempt.RequestNumber <= 1
            ? new Verdict(CauseId.TlsClientCertRequired, Confidence.Likely)
            : null;
    }
}
