using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Decides by the real peer alone who sees the operator view: a direct connection from this machine, or from a configured network.
/// Header fields can only take the view away, never give it: a request with any sign of having been forwarded is somebody else's,
/// however near the machine that passed it on.
/// </summary>
internal sealed class AudiencePolicy
{
    private static readonly string[] ForwardingFields =
    [
        "Forwarded", "X-Real-IP", "Via", "CF-Connecting-IP", "CF-Connecting-IPv6", "CF-Ray", "CDN-Loop", "True-Client-IP", "X-Client-IP",
        "X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "Fastly-Client-IP", "Fly-Client-IP", "X-Azure-ClientIP",
        "X-Envoy-External-Address", "X-ProxyUser-IP", "Tailscale-User-Login",
    ];

    private static readonly string[] ForwardingPrefixes = ["X-Forwarded-", "X-Original-"];

    private volatile IPNetwork[] _networks;

    public AudiencePolicy(IGatewaySettingsSource settings)
    {
        _networks = Networks(settings.Current);
        settings.Changed += changed => _networks = Networks(changed);
    }

    public Audience Of(HttpContext context) =>
        IsNear(context) && !WasForwarded(context.Request.Headers) ? Audience.Operator : Audience.Public;

    private bool IsNear(HttpContext context)
    {
        var peer = RealPeer.Of(context);
        if (peer?.IsUnixSocket == true) return true;

        // A server without the feature (a test host) may give no address at all; that is nobody near.
        if (RealPeer.Plain(peer?.Address ?? context.Connection.RemoteIpAddress) is not { } address) return false;
        if (IPAddress.IsLoopback(address)) return true;
        foreach (var network in _networks)
        {
            if (network.Contains(address)) return true;
        }

        return false;
    }

    private static bool WasForwarded(IHeaderDictionary headers)
    {
        foreach (var field in ForwardingFields)
        {
            if (headers.ContainsKey(field)) return true;
        }

        foreach (var header in headers)
        {
            foreach (var prefix in ForwardingPrefixes)
            {
                if (header.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return true;
            }
        }

        return false;
    }

    private static IPNetwork[] Networks(GatewaySettings settings)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in settings.OperatorNetworks)
        {
            if (NetworkRange.TryParse(text, out var network, out _, out _)) networks.Add(network);
        }

        return [.. networks];
    }
}
