using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Investigating;

/// <summary>What is noted of good answers, for the day they stop. To be told of the first answer on a connection only: later ones have nothing new.</summary>
internal sealed class WhileWell(WorkingAddresses addresses, WorkingCertificates certificates, Recoveries recoveries)
{
    public void Answered(string? cluster, string destination, DnsFacts? dns, CertificateFacts? certificate)
    {
        recoveries.Worked(cluster, destination);
        if (dns is not null) addresses.Worked(dns);
        if (certificate is not null) certificates.Worked(cluster, destination, certificate);
    }
}
