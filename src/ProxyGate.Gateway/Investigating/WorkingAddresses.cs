using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Gateway.Investigating;

/// <summary>Remembers what a name stood for when it led to a good answer. Asked only by the first request on a connection.</summary>
internal sealed class WorkingAddresses(DnsMemory memory)
{
    public void Worked(DnsFacts dns)
    {
        var addresses = new List<IPAddress>(dns.Addresses.Count);
        foreach (var text in dns.Addresses)
        {
            if (IPAddress.TryParse(text, out var address)) addresses.Add(address);
        }

        memory.Remember(dns.Host, addresses);
    }
}
