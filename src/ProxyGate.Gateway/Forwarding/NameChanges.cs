using System.Net;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>Word that a name leads to other addresses than before: kept-alive connections to those that are gone carry no new request.</summary>
internal sealed class NameChanges
{
    /// <summary>The name, and the addresses it leads to now.</summary>
    public event Action<string, IReadOnlyList<IPAddress>>? Changed;

    public void Tell(string name, IReadOnlyList<IPAddress> addresses) => Changed?.Invoke(name, addresses);
}
