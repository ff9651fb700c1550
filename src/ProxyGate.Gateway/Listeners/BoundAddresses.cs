using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Where the server really listens: the system chooses the port where the configuration says 0.</summary>
internal static class BoundAddresses
{
    /// <summary>Those of the site in their order, then the admin listener's.</summary>
    public static IReadOnlyList<string> All(IServer server) =>
        [.. (server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []).Where(a => a.StartsWith("http", StringComparison.Ordinal))];

    /// <summary>These addresses as configured, with the port the system chose where it did.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<string> configured, IServer? server)
    {
        var bound = server is null ? [] : All(server);
        return configured.Select((address, n) => n < bound.Count && address.TrimEnd('/').EndsWith(":0", StringComparison.Ordinal) ? bound[n] : address);
    }
}
