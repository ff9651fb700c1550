using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>Reads a refused certificate: what it is, and each thing that is wrong with it.</summary>
internal static class CertificateJudge
{
    private const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";

    public static CertificateFacts Describe(X509Certificate2 leaf, X509Chain? chain) => new()
    {
        Subject = leaf.Subject,
        Issuer = leaf.Issuer,
        Names = Names(leaf),
        NotBefore = new DateTimeOffset(leaf.NotBefore.ToUniversalTime(), TimeSpan.Zero),
        NotAfter = new DateTimeOffset(leaf.NotAfter.ToUniversalTime(), TimeSpan.Zero),
        ChainLength = 1 + (chain?.ChainPolicy.ExtraStore.Count(c => !c.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)) ?? 0),
    };

    public static IReadOnlyList<CertificateProblem> Problems(X509Certificate2? leaf, X509Chain? chain, SslPolicyErrors errors, DateTimeOffset now)
    {
        var problems = new List<CertificateProblem>();
        void Add(CertificateProblem problem)
        {
            if (!problems.Contains(problem)) problems.Add(problem);
        }

        if (leaf is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) Add(CertificateProblem.NotSent);
        if (leaf is not null && chain is not null)
        {
            foreach (var element in chain.ChainElements)
            {
                foreach (var status in element.ChainElementStatus) Read(status.Status, element.Certificate, leaf, chain, now, Add);
            }

            // A partial chain is said of the chain as a whole, not of an element.
            foreach (var status in chain.ChainStatus) Read(status.Status, leaf, leaf, chain, now, Add);
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) Add(CertificateProblem.NameMismatch);
        if (problems.Count == 0) Add(CertificateProblem.Other);
        return problems;
    }

    private static void Read(
        X509ChainStatusFlags status, X509Certificate2 certificate, X509Certificate2 leaf, X509Chain chain, DateTimeOffset now, Action<CertificateProblem> add)
    {
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            add(certificate.NotBefore.ToUniversalTime() > now.UtcDateTime ? CertificateProblem.NotYetValid : CertificateProblem.Expired);
        }

        if (status.HasFlag(X509ChainStatusFlags.Revoked)) add(CertificateProblem.Revoked);
        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage)) add(CertificateProblem.WrongUsage);
        if (status.HasFlag(X509ChainStatusFlags.UntrustedRoot))
        {
            add(chain.ChainElements.Count == 1 ? CertificateProblem.SelfSigned : CertificateProblem.UntrustedRoot);
        }

        if (status.HasFlag(X509ChainStatusFlags.PartialChain))
        {
            // Only a certificate that says where its issuer's is published shows that one was left out.
            var alone = chain.ChainPolicy.ExtraStore.All(c => c.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span));
            var namesIssuer = leaf.Extensions.Any(e => e.Oid?.Value == AuthorityInformationAccess);
            add(alone && namesIssuer ? CertificateProblem.MissingIntermediate : CertificateProblem.UnknownIssuer);
        }

        const X509ChainStatusFlags known = X509ChainStatusFlags.NotTimeValid | X509ChainStatusFlags.Revoked | X509ChainStatusFlags.NotValidForUsage
            | X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.RevocationStatusUnknown
            | X509ChainStatusFlags.OfflineRevocation;
        if ((status & ~known) != X509ChainStatusFlags.NoError) add(CertificateProblem.Other);
    }

    private static List<string> Names(X509Certificate2 leaf)
    {
        var names = new List<string>();
        foreach (var extension in leaf.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension san) continue;
            names.AddRange(san.EnumerateDnsNames());
            names.AddRange(san.EnumerateIPAddresses().Select(a => a.ToString()));
        }

        return names;
    }
}
