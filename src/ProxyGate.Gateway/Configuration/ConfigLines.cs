using System.Collections.Frozen;
using System.Globalization;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Where the routes and destinations in force are written. Made with the configuration, so that it changes with it or not at all.</summary>
internal sealed class ConfigLines
{
    private readonly FrozenDictionary<string, RouteLine> _routes;
    private readonly FrozenDictionary<(string Cluster, string Destination), string> _destinations;

    private ConfigLines(IReadOnlyDictionary<string, RouteLine> routes, IReadOnlyDictionary<(string Cluster, string Destination), string> destinations)
    {
        _routes = routes.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _destinations = destinations.ToFrozenDictionary(IgnoringCase.Instance);
    }

    /// <summary>What came from the command line stands on no line.</summary>
    public static ConfigLines None { get; } = new(new Dictionary<string, RouteLine>(), new Dictionary<(string Cluster, string Destination), string>());

    public static ConfigLines Of(ConfigNode? reverseProxy, string file, IReadOnlyList<RouteConfig> routes)
    {
        var name = Path.GetFileName(file);
        var routeLines = new Dictionary<string, RouteLine>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in routes)
        {
            if (reverseProxy?.Find("Routes")?.FindProperty(route.RouteId) is { } written)
                routeLines[route.RouteId] = new RouteLine(Line(name, written.Position, $"ReverseProxy__Routes__{route.RouteId}"), MatchOf(route.Match));
        }

        var destinations = new Dictionary<(string Cluster, string Destination), string>(IgnoringCase.Instance);
        foreach (var cluster in Sections(reverseProxy?.Find("Clusters")))
        {
            foreach (var destination in Sections(cluster.Value.Find("Destinations")))
            {
                var address = destination.Value.Find("Address")?.Position ?? destination.Position;
                destinations[(cluster.Name, destination.Name)] =
                    Line(name, address, $"ReverseProxy__Clusters__{cluster.Name}__Destinations__{destination.Name}__Address");
            }
        }

        return new ConfigLines(routeLines, destinations);
    }

    /// <summary>Absent when the route is not of this configuration.</summary>
    public RouteLine? OfRoute(string? route) => route is null ? null : _routes.GetValueOrDefault(route);

    public string? OfDestination(string? cluster, string? destination) =>
        cluster is null || destination is null ? null : _destinations.GetValueOrDefault((cluster, PinnedDestinations.NameOf(destination)));

    private static IEnumerable<ConfigProperty> Sections(ConfigNode? map) =>
        map is { Kind: ConfigNodeKind.Section } ? map.Properties.Where(p => p.Value.Kind == ConfigNodeKind.Section) : [];

    /// <summary>The file's name alone: its folder is the reader's own business.</summary>
    private static string Line(string file, ConfigPosition at, string variable) =>
        at.IsEnvironment ? $"environment variable {variable}" : string.Create(CultureInfo.InvariantCulture, $"{file}:{at.Line}");

    /// <summary>As people write it: hosts and path, and the rest only by name.</summary>
    internal static string MatchOf(RouteMatch match)
    {
        var hosts = match.Hosts is { Count: > 0 } names ? string.Join(',', names) : "";
        var parts = new List<string>();
        if (match.Methods is { Count: > 0 } methods) parts.Add(string.Join('|', methods));
        parts.Add(hosts + (string.IsNullOrEmpty(match.Path) ? "/{**any}" : match.Path.StartsWith('/') ? match.Path : "/" + match.Path));
        if (match.Headers is { Count: > 0 } headers) parts.Add($"with header {string.Join(", ", headers.Select(h => h.Name))}");
        if (match.QueryParameters is { Count: > 0 } query) parts.Add($"with query {string.Join(", ", query.Select(q => q.Name))}");
        return string.Join(' ', parts);
    }

    private sealed class IgnoringCase : IEqualityComparer<(string Cluster, string Destination)>
    {
        public static IgnoringCase Instance { get; } = new();

        public bool Equals((string Cluster, string Destination) x, (string Cluster, string Destination) y) =>
            string.Equals(x.Cluster, y.Cluster, StringComparison.OrdinalIgnoreCase) && string.Equals(x.Destination, y.Destination, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Cluster, string Destination) obj) =>
            HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Cluster), StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Destination));
    }
}

/// <summary>Where a route is written, and what it matches.</summary>
/// <param name="Source">E.g. <c>proxygate.json:14</c>.</param>
/// <param name="Match">E.g. <c>shop.example/api/{**rest}</c>.</param>
internal sealed record RouteLine(string Source, string Match);
