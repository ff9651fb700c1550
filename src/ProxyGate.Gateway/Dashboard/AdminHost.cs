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
    public static bool IsOurs(HostString host, ListenAddress listener)
    {
        // Browsers always send Host, and cannot reach unix sockets.
        if (!host.HasValue || listener.SocketPath is not null) return true;
        var name = host.Host.AsSpan().TrimEnd('.');
        if (IPAddress.TryParse(name.Trim("[]"), out var address))
            return IPAddress.IsLoopback(address) || (listener.Address is { } own && own.Equals(address));
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
