using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Gateway.Investigating;

/// <summary>What is noted of good answers, for the day they stop. Only the first request on a connection has anything to note.</summary>
internal sealed class WhileWell(WorkingAddresses addresses, WorkingCertificates certificates, Recoveries recoveries)
{
    public void Answered(string? cluster, Attempt attempt)
    {
        if (attempt.RequestNumber != 1) return;
        recoveries.Worked(cluster, attempt.Destination);
        if (attempt.Transport is not { } transport) return;
        if (transport.Dial.Dns is { } dns) addresses.Worked(dns);
        if (transport.TlsFacts?.Certificate is { } certificate) certificates.Worked(cluster, attempt.Destination, certificate);
    }
}
