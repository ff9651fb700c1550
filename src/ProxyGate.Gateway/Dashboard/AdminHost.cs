using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>
/// Whether a request's Host names this listener. A web page can make a browser send requests to a loopback address under the page's own
/// name (DNS rebinding) and read the answers; it cannot make it send another Host. So only names that are surely ours are served.
/// </summary>
internal static class AdminHost
{
    /// <param name="host">What was asked for.</param>
    /// <param name="listener">Where it came in.</param>
    /// <param name="local">The address of ours it came to. No name server can make a browser write an address in a name's place.</param>
    /// <param name="names">The names that are configured.</param>
    public static bool IsOurs(HostString host, ListenAddress listener, IPAddress? local, IReadOnlyList<string> names)
    {
        // Browsers always send Host, and cannot reach unix sockets.
        if (!host.HasValue || listener.SocketPath is not null) return true;
        var name = host.Host.AsSpan().TrimEnd('.');
        if (IPAddress.TryParse(name.Trim("[]"), out var address))
            return IPAddress.IsLoopback(address) || address.Equals(listener.Address) || address.Equals(local);
        foreach (var configured in names)
        {
            if (name.Equals(configured.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase)) return true;
        }

        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
