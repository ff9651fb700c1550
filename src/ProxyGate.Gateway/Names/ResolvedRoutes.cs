using System.Net;
using Microsoft.Extensions.Primitives;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Names;

/// <summary>
/// What YARP gets: the routes and clusters in force, with every address of a name as a destination of its own as the cluster's <c>Resolve</c> has it. A name
/// not known yet stays one destination: its requests are not held up, and tell the cause if it cannot be resolved.
/// </summary>
internal sealed class ResolvedRoutes : IProxyConfigProvider, IDisposable
{
    private readonly RouteSource _written;
    private readonly IGatewaySettingsSource _settings;
    private readonly NameKeeper _names;
    private readonly Lock _lock = new();
    private Resolved _current;

    public ResolvedRoutes(RouteSource written, IGatewaySettingsSource settings, NameKeeper names)
    {
        (_written, _settings, _names) = (written, settings, names);
        _current = Resolve();
        _names.Changed += Follow;
    }

    public IProxyConfig GetConfig()
    {
        lock (_lock)
        {
            if (_current.ChangeToken.HasChanged) _current = Resolve();
            return _current;
        }
    }

    public void Dispose()
    {
        _names.Changed -= Follow;
        _current.Dispose();
    }

    /// <summary>YARP asks for the new state when the old one says that it is over.</summary>
    private void Follow(string name)
    {
        Resolved? over = null;
        lock (_lock)
        {
            if (_current.Names.Contains(name)) over = _current;
        }

        over?.SignalChange();
    }

    private Resolved Resolve()
    {
        var written = _written.GetConfig();
        var settings = _settings.Current;
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var clusters = written.Clusters.Select(c => settings.ForCluster(c.ClusterId).Resolve is not NameUse.Connect and var use ? Expand(c, use, names) : c).ToList();
        return new Resolved(written, clusters, names);
    }

    private ClusterConfig Expand(ClusterConfig cluster, NameUse use, HashSet<string> names)
    {
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, destination) in cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
        {
            var name = NameKeeper.NameOf(destination);
            if (name is not null) names.Add(name);
            var addresses = name is null ? [] : _names.Of(name).Addresses;
            if (use == NameUse.Auto && !AreServers(addresses)) addresses = [];
            var pinned = addresses.Select(a => PinnedDestinations.Of(id, destination, a)).ToList();
            if (pinned.Count == 0 || pinned.Contains(null)) destinations[id] = destination;
            else foreach (var (pinnedId, config) in pinned.Select(p => p!.Value)) destinations[pinnedId] = config;
        }

        return cluster with { Destinations = destinations };
    }

    /// <summary>Several of one family are several servers. One of each is usually one server, and connecting tries the other at once (RFC 8305).</summary>
    private static bool AreServers(IReadOnlyList<IPAddress> addresses) => addresses.Count > 1 && addresses.All(a => a.AddressFamily == addresses[0].AddressFamily);

    private sealed class Resolved(IProxyConfig written, IReadOnlyList<ClusterConfig> clusters, HashSet<string> names) : IProxyConfig, IDisposable
    {
        private readonly CancellationTokenSource _changed = new();
        private IChangeToken? _token;

        public IReadOnlyList<RouteConfig> Routes => written.Routes;

        public IReadOnlyList<ClusterConfig> Clusters => clusters;

        public HashSet<string> Names => names;

        public IChangeToken ChangeToken => _token ??= new CompositeChangeToken([written.ChangeToken, new CancellationChangeToken(_changed.Token)]);

        // Not disposed here: YARP may still look at the token of the state it is leaving.
        public void SignalChange() => _changed.Cancel();

        public void Dispose() => _changed.Dispose();
    }
}
