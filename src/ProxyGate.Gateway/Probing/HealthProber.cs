using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Probing;

/// <summary>
/// Checks every destination whose cluster has active checks, each at its own pace, in the place of YARP's monitor, which keeps no reason. A
/// check that disagrees with what is known is followed by the next within a second, so that neither an outage nor a recovery waits for two intervals.
/// </summary>
internal sealed partial class HealthProber(HealthRegister register, IGatewaySettingsSource settings, TimeProvider clock, ILogger<HealthProber> logger)
    : IActiveHealthCheckMonitor, IClusterChangeListener, IDisposable
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan KeepOld = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(string Cluster, string Destination), Watch> _watches = new();
    private readonly Dictionary<string, (HttpClientConfig Config, ClusterClient Client)> _clients = new(StringComparer.OrdinalIgnoreCase);
    private readonly CancellationTokenSource _stop = new();
    private int _disposed;

    public bool InitialProbeCompleted => _watches.Values.All(w => w.Asked);

    /// <summary>Each destination's watch begins with a check, so there is nothing to add at the start.</summary>
    public Task CheckHealthAsync(IEnumerable<ClusterState> clusters) => Task.CompletedTask;

    public void OnClusterAdded(ClusterState cluster) => Follow(cluster);

    public void OnClusterChanged(ClusterState cluster) => Follow(cluster);

    public void OnClusterRemoved(ClusterState cluster)
    {
        foreach (var key in _watches.Keys.Where(k => k.Cluster == cluster.ClusterId)) End(key);
        lock (_clients)
        {
            if (_clients.Remove(cluster.ClusterId, out var gone)) gone.Client.Dispose();
        }
    }

    /// <summary>Called once for each service it is registered as.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _stop.Cancel();
        lock (_clients)
        {
            foreach (var (_, client) in _clients.Values) client.Dispose();
        }

        _stop.Dispose();
    }

    private void Follow(ClusterState cluster)
    {
        var wanted = cluster.Model.Config.HealthCheck?.Active?.Enabled == true ? cluster.Destinations : null;
        foreach (var key in _watches.Keys.Where(k => k.Cluster == cluster.ClusterId && wanted?.ContainsKey(k.Destination) != true)) End(key);
        foreach (var destination in wanted?.Values ?? [])
        {
            var key = (cluster.ClusterId, destination.DestinationId);
            // A destination that was removed and added again is another object, with another state.
            if (_watches.TryGetValue(key, out var running) && running.Destination == destination)
            {
                running.LookNow();
                continue;
            }

            End(key);
            var watch = new Watch(destination, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
            _watches[key] = watch;
            _ = Task.Run(() => WatchAsync(cluster, watch));
        }
    }

    private void End((string Cluster, string Destination) key)
    {
        if (_watches.TryRemove(key, out var watch)) watch.Stop.Cancel();
    }

    private async Task WatchAsync(ClusterState cluster, Watch watch)
    {
        var stop = watch.Stop.Token;
        try
        {
            while (true)
            {
                await CheckAsync(cluster, watch.Destination, stop);
                watch.Asked = true;
                var interval = cluster.Model.Config.HealthCheck?.Active?.Interval ?? DefaultInterval;
                if (register.Of(cluster.ClusterId, watch.Destination).IsUndecided && interval > Soon) interval = Soon;
                await watch.WaitAsync(interval, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The destination is gone, or the gateway stops.
        }
        finally
        {
            watch.Stop.Dispose();
        }
    }

    private async Task CheckAsync(ClusterState cluster, DestinationState destination, CancellationToken stop)
    {
        var started = clock.GetTimestamp();
        HealthReason? failure;
        try
        {
            var probe = ProbeSetting.Of(cluster, destination, settings.Current);
            failure = probe.Health.Kind switch
            {
                HealthCheckKind.Tcp => await TcpProbe.AskAsync(probe, clock, stop),
                HealthCheckKind.Grpc => await GrpcProbe.AskAsync(probe, ClientFor(cluster), clock, stop),
                _ => await HttpProbe.AskAsync(probe, ClientFor(cluster), clock, stop),
            };
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // A defect of the check must neither end the watch nor take the destination out of use.
            LogFault(e, destination.DestinationId, cluster.ClusterId);
            failure = new HealthReason(CauseId.GatewayInternalError, "The health check itself failed.", clock.GetUtcNow());
            if (e is not (UriFormatException or ArgumentException)) return;
        }

        stop.ThrowIfCancellationRequested();
        register.Checked(cluster, destination, failure, clock.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>Connections apart from the requests' own; through a forward proxy there is only YARP's client.</summary>
    private UpstreamClient ClientFor(ClusterState cluster)
    {
        if (cluster.Model.HttpClient is ProxiedClient proxied) return proxied;
        var config = cluster.Model.Config.HttpClient ?? HttpClientConfig.Empty;
        lock (_clients)
        {
            if (_clients.TryGetValue(cluster.ClusterId, out var known))
            {
                if (known.Config == config) return known.Client;
                // A check may be under way on it.
                _ = Task.Delay(KeepOld, clock, _stop.Token).ContinueWith(_ => known.Client.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            var client = new ClusterClient(cluster.ClusterId, config, settings, clock);
            _clients[cluster.ClusterId] = (config, client);
            return client;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The health check of destination {Destination:l} of cluster {Cluster:l} failed in itself.")]
    private partial void LogFault(Exception exception, string destination, string cluster);

    private sealed class Watch(DestinationState destination, CancellationTokenSource stop)
    {
        private volatile TaskCompletionSource _now = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public DestinationState Destination => destination;

        public CancellationTokenSource Stop => stop;

        public volatile bool Asked;

        /// <summary>The configuration has changed: what is known may be true no longer.</summary>
        public void LookNow() => _now.TrySetResult();

        public async Task WaitAsync(TimeSpan interval, TimeProvider clock, CancellationToken cancellationToken)
        {
            var now = _now.Task;
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            if (await Task.WhenAny(now, Task.Delay(interval, clock, wait.Token)) == now) _now = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await wait.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
