using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>
/// A TLS handshake to see who is there. The certificate is looked at and judged, but never refused, and nothing secret is sent: no client
/// certificate, no request.
/// </summary>
internal static class TlsGreeting
{
    /// <summary>TLS alerts are library 20, reason 1000 + alert, in OpenSSL's error code, which .NET keeps in HResult.</summary>
    private const int AlertBase = 1000;

    /// <summary>The stream is to be disposed by the caller; absent when there was no handshake.</summary>
    public static async Task<(TlsFacts Facts, SslStream? Stream)> HandshakeAsync(
        Conversation conversation, string? serverName, List<SslApplicationProtocol> protocols, TimeProvider clock)
    {
        CertificateFacts? certificate = null;
        IReadOnlyList<CertificateProblem> problems = [];
        var asked = false;
        var name = serverName is null || IPAddress.TryParse(serverName, out _) ? null : serverName;
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = serverName ?? "",
            ApplicationProtocols = protocols,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            CertificateChainPolicy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true },
#pragma warning disable CA5359 // Looking at a wrong certificate is what this is for; nothing is sent over the connection that a wrong peer may not read.
            RemoteCertificateValidationCallback = (_, leaf, chain, errors) =>
            {
                if (leaf is X509Certificate2 own) (certificate, problems) = (Describe(own, chain), Judge(own, chain, errors, serverName is not null, clock.GetUtcNow()));
                return true;
            },
#pragma warning restore CA5359
            // Called with the peer's certificate at hand only when the peer asks for ours.
            LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                asked |= remote is not null;
                return null!;
            },
        };
        var stream = new SslStream(conversation.Stream, leaveInnerStreamOpen: true);
        var started = clock.GetTimestamp();
        Exception? failure = null;
        try
        {
            await stream.AuthenticateAsClientAsync(options, conversation.Deadline);
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            failure = e;
        }

        var raw = conversation.Stream.First.Span;
        var facts = new TlsFacts
        {
            ServerName = name,
            HandshakeMs = clock.GetElapsedTime(started).TotalMilliseconds,
            Completed = failure is null,
            Version = failure is null ? stream.SslProtocol.ToString() : null,
            Cipher = failure is null ? stream.NegotiatedCipherSuite.ToString() : null,
            Alpn = failure is null && !stream.NegotiatedApplicationProtocol.Protocol.IsEmpty ? stream.NegotiatedApplicationProtocol.ToString() : null,
            AlertReceived = failure is null ? null : Alert(failure) ?? (raw is [0x15, 3, _, 0, 2, 1 or 2, var description, ..] ? description : null),
            ClientCertificateRequested = asked,
            PeerIsNotTls = failure is not null && raw.Length > 0 && (raw[0] is < 20 or > 23 || (raw.Length > 1 && raw[1] != 3)),
            Certificate = certificate,
            Problems = problems,
        };
        if (failure is null) return (facts, stream);
        await stream.DisposeAsync();
        return (facts, null);
    }

    /// <summary>Whether it is a TLS server at all: it made a handshake, or said in TLS that it will not.</summary>
    public static bool IsTls(TlsFacts facts, ReadOnlySpan<byte> raw) =>
        facts.Completed || facts.Certificate is not null || raw is [0x15 or 0x16, 3, <= 4, ..];

    private static int? Alert(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            var code = unchecked((uint)e.HResult);
            if (code >> 23 == 20 && (code & 0xFFF) is >= AlertBase and < AlertBase + 256 and var reason) return (int)reason - AlertBase;
        }

        return null;
    }

    private static CertificateFacts Describe(X509Certificate2 leaf, X509Chain? chain)
    {
        var alternatives = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
        return new CertificateFacts
        {
            Subject = leaf.Subject,
            Issuer = leaf.Issuer,
            Names = [.. alternatives.SelectMany(a => a.EnumerateDnsNames()), .. alternatives.SelectMany(a => a.EnumerateIPAddresses()).Select(a => a.ToString())],
            NotBefore = new DateTimeOffset(leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero),
            NotAfter = new DateTimeOffset(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero),
            ChainLength = 1 + (chain?.ChainPolicy.ExtraStore.Count(c => !c.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)) ?? 0),
        };
    }

    private static List<CertificateProblem> Judge(X509Certificate2 leaf, X509Chain? chain, SslPolicyErrors errors, bool named, DateTimeOffset now)
    {
        var problems = new List<CertificateProblem>();
        if (leaf.NotAfter.ToUniversalTime() < now.UtcDateTime) problems.Add(CertificateProblem.Expired);
        if (leaf.NotBefore.ToUniversalTime() > now.UtcDateTime) problems.Add(CertificateProblem.NotYetValid);
        if (named && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) problems.Add(CertificateProblem.NameMismatch);
        var statuses = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status) ?? X509ChainStatusFlags.NoError;
        if (statuses.HasFlag(X509ChainStatusFlags.UntrustedRoot)) problems.Add(leaf.Subject == leaf.Issuer ? CertificateProblem.SelfSigned : CertificateProblem.UntrustedRoot);
        if (statuses.HasFlag(X509ChainStatusFlags.PartialChain)) problems.Add(CertificateProblem.UnknownIssuer);
        if (statuses.HasFlag(X509ChainStatusFlags.NotValidForUsage)) problems.Add(CertificateProblem.WrongUsage);
        return problems;
    }
}
