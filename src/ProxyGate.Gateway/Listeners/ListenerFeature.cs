using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>The listener a connection came in by; a feature of the connection.</summary>
/// <param name="IsAdmin">The admin listener, whose requests are never forwarded.</param>
internal sealed record ListenerFeature(ListenAddress Address, bool IsAdmin)
{
    /// <summary>That of a request's connection; absent where the server is not ours.</summary>
    public static ListenerFeature? Of(HttpContext context) => RealPeer.Of(context)?.Listener ?? (ListenerFeature?)context.Features[typeof(ListenerFeature)];
}
