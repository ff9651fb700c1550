using System.Net.Sockets;
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
        if (RealAlert(tls) is { } alert) return Alert(alert, tls);
        if (ChoseAnOldVersion(attempt.FirstBytes)) return new Verdict(CauseId.TlsVersionOrCipherMismatch);
        if (tls.OwnRefusal is not null) return new Verdict(CauseId.TlsVersionOrCipherMismatch, Confidence.Likely);
        // Up to TLS 1.2 a server may answer a missing client certificate by closing, within the handshake.
        if (WantsCertificate(tls)) return new Verdict(CauseId.TlsClientCertRequired, Confidence.Likely);
        return new Verdict(CauseId.TlsHandshakeClosed, attempt.BytesReceived == 0 || WasReset(attempt) ? Confidence.Proved : Confidence.Likely);
    }

    public static Verdict TimedOut(AttemptFacts attempt) =>
        attempt.Tls is { PeerIsNotTls: true } ? new Verdict(CauseId.TlsToPlainHttpPort) : new Verdict(CauseId.TlsHandshakeTimeout);

    /// <summary>A connection that ended after the handshake without an answer, where TLS says why.</summary>
    public static Verdict? AfterHandshake(AttemptFacts attempt)
    {
        if (attempt.Tls is not { } tls || attempt.Body is not null) return null;
        if (RealAlert(tls) is { } alert) return Alert(alert, tls);

        // TLS 1.3 refuses a missing client certificate only after the handshake, often by a plain close or reset.
        return WantsCertificate(tls) && attempt.RequestNumber <= 1 && attempt.BytesReceived == 0
            ? new Verdict(CauseId.TlsClientCertRequired, Confidence.Likely)
            : null;
    }

    /// <summary>The alert, unless it is close_notify or user_canceled: those end a connection; they are no complaint.</summary>
    public static int? RealAlert(TlsFacts tls) => tls.AlertReceived is { } alert and not (0 or 90) ? alert : null;

    /// <summary>Whether the peer asked for a certificate and got none.</summary>
    public static bool WantsCertificate(TlsFacts tls) => tls is { ClientCertificateRequested: true, ClientCertificateSent: false };

    /// <summary>Whether an alert is about our certificate or the lack of it (RFC 8446 section 6.2).</summary>
    public static bool IsAboutOurCertificate(int alert) => alert is 42 or 43 or 44 or 45 or 46 or 48 or 49 or 116;

    /// <summary>One cause for several faults: dates and revocation first, as that certificate must be replaced whatever else is wrong with it.</summary>
    private static Verdict Certificate(IReadOnlyList<CertificateProblem> problems)
    {
        if (problems.Contains(CertificateProblem.Expired)) return new Verdict(CauseId.TlsCertExpired);
        if (problems.Contains(CertificateProblem.NotYetValid)) return new Verdict(CauseId.TlsCertNotYetValid);
        if (problems.Contains(CertificateProblem.Revoked)) return new Verdict(CauseId.TlsCertRevoked);
        if (problems.Contains(CertificateProblem.NameMismatch)) return new Verdict(CauseId.TlsCertNameMismatch);
        return new Verdict(CauseId.TlsCertUntrusted);
    }

    private static Verdict Alert(int alert, TlsFacts tls) => alert switch
    {
        // handshake_failure is said of anything that cannot be agreed on, a missing certificate (TLS 1.2) included.
        40 => new Verdict(WantsCertificate(tls) ? CauseId.TlsClientCertRequired : CauseId.TlsVersionOrCipherMismatch, Confidence.Likely),
        // protocol_version, insufficient_security, inappropriate_fallback
        70 or 71 or 86 => new Verdict(CauseId.TlsVersionOrCipherMismatch),
        112 => new Verdict(CauseId.TlsSniRejected),
        116 => new Verdict(CauseId.TlsClientCertRequired),
        // no_application_protocol
        120 => new Verdict(CauseId.HttpVersionNotNegotiated),
        _ when IsAboutOurCertificate(alert) && (tls.ClientCertificateRequested || tls.ClientCertificateSent) => new Verdict(CauseId.TlsClientCertRequired),
        _ => new Verdict(CauseId.TlsAlertReceived),
    };

    /// <summary>
    /// The peer's ServerHello names SSL 3, TLS 1.0 or 1.1, which our own side refuses: record header (5 bytes), message type 2 and length
    /// (4), then the version (RFC 5246 section 7.4.1.3).
    /// </summary>
    private static bool ChoseAnOldVersion(byte[] first) => first is [0x16, 0x03, _, _, _, 0x02, _, _, _, 0x03, < 3, ..];

    private static bool WasReset(AttemptFacts attempt) =>
        attempt.SocketError is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;
}
