using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace ProxyGate.Gateway.Listeners;

internal static class TrustedProxyMiddleware
{
    /// <summary>
    /// Takes client address, scheme and host from the forwarding fields when, and only when, the real peer is a trusted proxy. Goes before anything
    /// that looks at them, or asks for the <see cref="RealPeer"/>, which every request has from here on.
    /// </summary>
    public static IApplicationBuilder UseTrustedProxies(this IApplicationBuilder app)
    {
        var trusted = app.ApplicationServices.GetRequiredService<TrustedProxies>();
        return app.Use((context, next) =>
        {
            Apply(context, trusted);
            return next(context);
        });
    }

    internal static void Apply(HttpContext context, TrustedProxies trusted)
    {
        // One look-up for all: on our listeners the connection has it.
        var peer = RealPeer.Of(context) ?? MakePeer(context);
        var believed = trusted.Any && trusted.Trusts(peer);
        if (peer.IsBelieved != believed) peer.IsBelieved = believed;
        peer.Resting?.Serves(context.Features);
        if (believed)
        {
            Believe(context, trusted);
        }
        else if (peer.Listener is { } listener)
        {
            // An HTTP/2 client may claim any scheme.
            var scheme = listener.Address.IsHttps ? "https" : "http";
            if (!string.Equals(context.Request.Scheme, scheme, StringComparison.Ordinal))
                context.Request.Scheme = scheme;
        }
    }

    private static RealPeer MakePeer(HttpContext context)
    {
        var address = RealPeer.Plain(context.Connection.RemoteIpAddress);
        var peer = new RealPeer(address, IsUnixSocket: address is null);
        context.Features.Set(peer);
        return peer;
    }

    /// <summary>
    /// X-Forwarded-For goes before Forwarded: nearly every proxy writes it, and one that writes it often passes a client's own Forwarded through.
    /// </summary>
    private static void Believe(HttpContext context, TrustedProxies trusted)
    {
        var request = context.Request;
        var chain = ForwardedChain.List(request.Headers["X-Forwarded-For"]);
        List<string> protos, hosts;
        if (chain.Count > 0 || request.Headers["Forwarded"].Count == 0)
        {
            protos = ForwardedChain.List(request.Headers["X-Forwarded-Proto"]);
            hosts = ForwardedChain.List(request.Headers["X-Forwarded-Host"]);
        }
        else
        {
            var elements = ForwardedChain.Forwarded(request.Headers["Forwarded"]);
            chain = [.. elements.Select(e => e.GetValueOrDefault("for", "unknown"))];
            protos = [.. elements.Select(e => e.GetValueOrDefault("proto")).OfType<string>()];
            hosts = [.. elements.Select(e => e.GetValueOrDefault("host")).OfType<string>()];
        }

        if (ForwardedChain.Client(chain, trusted, out var hops) is { } client)
        {
            context.Connection.RemoteIpAddress = client;
            context.Connection.RemotePort = 0;
        }

        // Where each hop added its own, the one of the farthest trusted hop is what the client used.
        if (At(protos, hops)?.ToLowerInvariant() is "http" or "https")
            request.Scheme = At(protos, hops)!.ToLowerInvariant();
        if (At(hosts, hops) is { } host && IsHost(host))
            request.Host = new HostString(host);
    }

    private static string? At(List<string> values, int hops) => values.Count == 0 ? null : values[^Math.Clamp(hops, 1, values.Count)];

    private static bool IsHost(string host) =>
        host.Length <= 255 + 6 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or ':' or '[' or ']');
}
