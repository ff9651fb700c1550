using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Routing;

/// <summary>Hands YARP the routes and clusters in force: both at once, and only such as have been validated.</summary>
internal sealed class RouteSource(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters) : IProxyConfigProvider, IDisposable
{
    private readonly Lock _lock = new();
    private Snapshot _snapshot = new(routes, clusters);

    public IReadOnlyList<RouteConfig> Routes => Volatile.Read(ref _snapshot).Routes;

    public IReadOnlyList<ClusterConfig> Clusters => Volatile.Read(ref _snapshot).Clusters;

    /// <summary>Raised with the routes to come, before anybody else can see them.</summary>
    public event Action<IReadOnlyList<RouteConfig>>? TakingOver;

    public IProxyConfig GetConfig() => Volatile.Read(ref _snapshot);

    public void TakeOver(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
    {
        Snapshot old;
        lock (_lock)
        {
            old = _snapshot;
            TakingOver?.Invoke(routes);
            Volatile.Write(ref _snapshot, new Snapshot(routes, clusters));
        }

        old.SignalChange();
    }

    public void Dispose() => _snapshot.Dispose();

    private sealed class Snapshot : IProxyConfig, IDisposable
    {
        private readonly CancellationTokenSource _changed = new();

        public Snapshot(IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
        {
            Routes = routes;
            Clusters = clusters;
            ChangeToken = new CancellationChangeToken(_changed.Token);
        }

        public IReadOnlyList<RouteConfig> Routes { get; }

        public IReadOnlyList<ClusterConfig> Clusters { get; }

        public IChangeToken ChangeToken { get; }

        // Not disposed here: YARP may still look at the token of the snapshot it is leaving.
        public void SignalChange() => _changed.Cancel();

        public void Dispose() => _changed.Dispose();
    }
}
