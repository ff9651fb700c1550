using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// Gives the checked <c>ReverseProxy</c> section to YARP's own reader and validator. Routes and clusters that already have a mistake are left out, so
/// that the others are still judged and nothing is said twice.
/// </summary>
internal sealed class ReverseProxyBinder(ConfigNode? section, List<ConfigMistake> mistakes)
{
    private readonly Dictionary<string, string?> _flat = new(StringComparer.OrdinalIgnoreCase);

    public IConfiguration Configuration { get; private set; } = new ConfigurationBuilder().Build();

    public IReadOnlyList<RouteConfig> Routes { get; private set; } = [];

    public IReadOnlyList<ClusterConfig> Clusters { get; private set; } = [];

    public async Task BindAsync()
    {
        foreach (var kind in (ReadOnlySpan<string>)["Clusters", "Routes"])
        {
            var map = (MapShape)ReverseProxyShape.Section.Find(kind)!.Shape;
            foreach (var entry in section?.Find(kind) is { Kind: ConfigNodeKind.Section } node ? node.Properties : [])
            {
                if (!HasError($"ReverseProxy:{kind}:{entry.Name}"))
                    Flatten(entry.Value, map.Value, $"{kind}:{entry.Name}");
            }
        }

        Configuration = new ConfigurationBuilder().AddInMemoryCollection(_flat).Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddReverseProxy().LoadFromConfig(Configuration);
        foreach (var name in TrafficShape.OwnPolicies)
            services.AddSingleton<ILoadBalancingPolicy>(new KnownPolicy(name));
        await using var provider = services.BuildServiceProvider();
        try
        {
            var config = provider.GetRequiredService<IProxyConfigProvider>().GetConfig();
            (Routes, Clusters) = (config.Routes, config.Clusters);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException or OverflowException)
        {
            Add(section?.Position ?? default, ConfigShape.ReverseProxy, "was refused by YARP: " + e.Message);
            return;
        }

        var validator = provider.GetRequiredService<IConfigValidator>();
        foreach (var route in Routes)
            Report("Routes", route.RouteId, await validator.ValidateRouteAsync(route));
        foreach (var cluster in Clusters)
            Report("Clusters", cluster.ClusterId, await validator.ValidateClusterAsync(cluster));
    }

    private bool HasError(string key) => mistakes.Any(m => !m.IsWarning
        && m.Key.StartsWith(key, StringComparison.OrdinalIgnoreCase)
        && (m.Key.Length == key.Length || m.Key[key.Length] == ':')
        // A route to a missing cluster is still a route to judge.
        && !m.Key.EndsWith(":ClusterId", StringComparison.OrdinalIgnoreCase));

    private void Report(string kind, string id, IList<Exception> errors)
    {
        foreach (var error in errors)
        {
            var at = section?.Find(kind)?.FindProperty(id)?.Position ?? section?.Position ?? default;
            Add(at, $"ReverseProxy:{kind}:{id}", error.Message.TrimEnd('.'));
        }
    }

    private void Flatten(ConfigNode node, Shape shape, string path)
    {
        switch (node.Kind)
        {
            case ConfigNodeKind.Null:
                break;
            case ConfigNodeKind.Section when node.Properties.Count == 0:
                // Present but empty: without this an empty cluster would not exist.
                _flat[path] = null;
                break;
            case ConfigNodeKind.Section:
                foreach (var property in node.Properties)
                    Flatten(property.Value, ChildShape(shape, property.Name), $"{path}:{property.Name}");
                NameUnixHost(node, path);
                break;
            case ConfigNodeKind.List:
                for (var i = 0; i < node.Items.Count; i++)
                    Flatten(node.Items[i], shape is ListShape list ? list.Item : shape, string.Create(CultureInfo.InvariantCulture, $"{path}:{i}"));
                break;
            default:
                _flat[path] = Canonical(node.Text, shape);
                break;
        }
    }

    private static Shape ChildShape(Shape shape, string name) => shape switch
    {
        SectionShape section => section.Find(name)?.Shape ?? Shapes.Text(),
        MapShape map => map.Value,
        _ => Shapes.Text(),
    };

    /// <summary>The spelling YARP's reader knows.</summary>
    private static string Canonical(string text, Shape shape) => (shape as ScalarShape)?.Type switch
    {
        ScalarType.Duration when Durations.TryParse(text, out var duration) => duration.ToString("c", CultureInfo.InvariantCulture),
        ScalarType.Destination when DestinationAddress.TryParse(text, out var address, out _, out _) => address,
        _ => text,
    };

    /// <summary>The host made up for a socket's path must not travel in the Host field; nginx sends localhost.</summary>
    private void NameUnixHost(ConfigNode node, string path)
    {
        if (path.Contains(":Destinations:", StringComparison.OrdinalIgnoreCase)
            && node.Find("Address") is { Kind: ConfigNodeKind.Text } address
            && UnixDestinations.IsUnix(address.Text)
            && node.Find("Host") is null or { Kind: ConfigNodeKind.Null })
            _flat[path + ":Host"] = "localhost";
    }

    private void Add(ConfigPosition at, string key, string message) => mistakes.Add(new ConfigMistake
    {
        File = at.File ?? "",
        Line = at.Line,
        Column = at.Column,
        Key = key,
        Message = message,
    });
}
