using System.Net;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Routing;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Gateway.Investigating;

/// <summary>
/// Remembers who listens at the configured destinations of this machine while all is well, so that after a failure it can be told whether
/// the process ended, was restarted or was replaced.
/// </summary>
internal sealed partial class ListenerSampler(
    RouteSource routes, IGatewaySettingsSource settings, ListenerMemory memory, DnsMemory names, LookBook book, TimeProvider clock, ILogger<ListenerSampler> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changed = new SemaphoreSlim(0, 1);
        settings.Changed += Wake;
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            while (!stoppingToken.IsCancellationRequested)
            {
                await SampleAsync(stoppingToken);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(timer.WaitForNextTickAsync(either.Token).AsTask(), changed.WaitAsync(either.Token));
                await either.CancelAsync();
            }
        }
        finally
        {
            settings.Changed -= Wake;
        }

        void Wake(GatewaySettings _)
        {
            if (changed.CurrentCount == 0) changed.Release();
        }
    }

    private async Task SampleAsync(CancellationToken stop)
    {
        try
        {
            var clusters = routes.Clusters.Where(c => settings.Current.ForCluster(c.ClusterId).Investigate && c.Destinations is not null).ToArray();
            book.Keep(clusters.SelectMany(c => c.Destinations!.Keys.Select(d => new DestinationKey(c.ClusterId, d))).ToHashSet());
            var places = clusters.SelectMany(c => c.Destinations!.Values).SelectMany(d => PlacesOf(d.Address)).Distinct().ToArray();
            memory.Keep(places);
            if (places.Length > 0) await memory.SampleAsync(places, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops.
        }
        catch (Exception e)
        {
            LogSampleFailed(e);
        }
    }

    /// <summary>Names are not looked up for this: what a connection used is known already.</summary>
    private IEnumerable<ListenerPlace> PlacesOf(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri)) return [];
        if (UnixDestinations.TryGetPath(uri.Host, out var path)) return [ListenerPlace.At(path)];
        IReadOnlyList<IPAddress> addresses = IPAddress.TryParse(uri.Host.Trim('[', ']'), out var literal) ? [literal]
            : uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : names.Find(uri.Host) ?? [];
        return addresses.Select(a => ListenerPlace.At(new IPEndPoint(a, uri.Port)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking who listens at the configured destinations failed; it is tried again.")]
    private partial void LogSampleFailed(Exception exception);
}
