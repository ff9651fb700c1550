using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>The listener a connection came in by; a feature of the connection.</summary>
/// <param name="IsAdmin">The admin listener, whose requests are never forwarded.</param>
internal sealed record ListenerFeature(ListenAddress Address, bool IsAdmin);
