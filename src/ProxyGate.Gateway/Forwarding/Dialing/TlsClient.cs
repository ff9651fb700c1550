using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>What a handshake gave: a stream to speak HTTP on, or the facts of why there is none.</summary>
internal sealed record TlsResult(SslStream? Stream, TlsFacts Facts, AttemptEnd End, string? Message, TcpFacts? Tcp = null);

/// <summary>The gateway's own TLS handshake with an upstream, so that each of its steps can be seen and timed.</summary>
internal static class TlsClient
{
    public static async ValueTask<TlsResult> HandshakeAsync(
        SocketStream raw, string host, UpstreamTlsPolicy policy, List<SslApplicationProtocol> alpn, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var name = policy.ServerName ?? host;
        var seen = new Seen();
        var ssl = new SslStream(raw, leaveInnerStreamOpen: false);
        var started = clock.GetTimestamp();
        using var deadline = new CancellationTokenSource(limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var options = policy.Options(
            name,
            alpn,
            (_, certificate, chain, errors) => seen.Judge(certificate, chain, errors, policy.Verify, clock.GetUtcNow()),
            (_, _, _, remote, _) =>
            {
                // Called again, with the peer's certificate at hand, only when the peer asked for ours.
                if (remote is not null) seen.ClientCertificateRequested = true;
                return null!;
            });
        try
        {
            await ssl.AuthenticateAsClientAsync(options, linked.Token);
            return new TlsResult(ssl, Facts(raw, name, policy, seen, clock.GetElapsedTime(started).TotalMilliseconds, ssl, null), AttemptEnd.Answered, null);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or System.Net.Sockets.SocketException or ObjectDisposedException)
        {
            var timedOut = deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            var facts = Facts(raw, name, policy, seen, clock.GetElapsedTime(started).TotalMilliseconds, null, e);
            var tcp = TcpInfo.Read(raw.Socket, 0, raw.BytesOut);
            await ssl.DisposeAsync();
            cancellationToken.ThrowIfCancellationRequested();
            var end = timedOut ? AttemptEnd.TimedOut : AttemptEnd.TlsFailed;
            return new TlsResult(null, facts, end, Innermost(e).Message, tcp);
        }
    }

    private static TlsFacts Facts(SocketStream raw, string name, UpstreamTlsPolicy policy, Seen seen, double ms, SslStream? done, Exception? error) => new()
    {
        ServerName = IPAddress.TryParse(name, out _) ? null : name,
        HandshakeMs = ms,
        Completed = done is not null,
        Version = done?.SslProtocol.ToString(),
        Cipher = done?.NegotiatedCipherSuite.ToString(),
        Alpn = done is null || done.NegotiatedApplicationProtocol.Protocol.IsEmpty ? null : done.NegotiatedApplicationProtocol.ToString(),
        AlertReceived = error is null ? null : TlsAlert.Of(error) ?? TlsAlert.OfRecord(raw.FirstBytes),
        OwnRefusal = error is null ? null : TlsAlert.OwnRefusal(error),
        ClientCertificateRequested = seen.ClientCertificateRequested,
        ClientCertificateSent = policy.HasClientCertificate,
        // A TLS record begins with its type: 20 to 23 (RFC 8446 section 5.1), then major version 3.
        PeerIsNotTls = done is null && raw.FirstBytes.Length > 0 && (raw.FirstBytes[0] is < 20 or > 23 || (raw.FirstBytes.Length > 1 && raw.FirstBytes[1] != 3)),
        Certificate = seen.Certificate,
        Problems = seen.Problems,
    };

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }

    /// <summary>What the callbacks of one handshake were shown.</summary>
    private sealed class Seen
    {
        public bool ClientCertificateRequested { get; set; }

        public CertificateFacts? Certificate { get; private set; }

        public IReadOnlyList<CertificateProblem> Problems { get; private set; } = [];

        public bool Judge(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, bool verify, DateTimeOffset now)
        {
            if (certificate is X509Certificate2 leaf) Certificate = CertificateJudge.Describe(leaf, chain);
            if (errors == SslPolicyErrors.None || !verify) return true;
            Problems = CertificateJudge.Problems(certificate as X509Certificate2, chain, errors, now);
            return false;
        }
    }
}
