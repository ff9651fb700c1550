using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Gateway.Investigating;

/// <summary>
/// Remembers the certificate each destination showed when it answered well, so that another one is noticed. Asked only by the first request
/// on a connection; destinations come from the configuration, and those a reload removed are forgotten.
/// </summary>
internal sealed class WorkingCertificates
{
    private readonly ConcurrentDictionary<DestinationKey, CertificateFacts> _shown = new();

    public void Worked(string? cluster, string destination, CertificateFacts certificate)
    {
        if (cluster is not null) _shown[new DestinationKey(cluster, destination)] = certificate;
    }

    /// <summary>The change from the certificate that worked to the one the failed attempt met, or else the look.</summary>
    public IEnumerable<ChangeFacts> Compare(DestinationKey key, AttemptFacts? attempt, InvestigationFacts look)
    {
        if ((attempt?.Tls?.Certificate ?? look.Service?.Certificate) is not { } now || !_shown.TryGetValue(key, out var before) || IsSame(before, now)) yield break;
        yield return new ChangeFacts(look.At, ChangeKind.CertificateChanged, Words(before), Words(now));
    }

    public void Keep(IReadOnlySet<DestinationKey> configured)
    {
        foreach (var key in _shown.Keys.Where(k => !configured.Contains(k))) _shown.TryRemove(key, out _);
    }

    private static bool IsSame(CertificateFacts one, CertificateFacts other) =>
        (one.Subject, one.Issuer, one.NotBefore, one.NotAfter) == (other.Subject, other.Issuer, other.NotBefore, other.NotAfter);

    private static string Words(CertificateFacts certificate) => FormattableString.Invariant($"{certificate.Subject}, valid from {certificate.NotBefore:yyyy-MM-dd} to {certificate.NotAfter:yyyy-MM-dd}");
}
