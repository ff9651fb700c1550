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
    RouteSource routes, IGatewaySettingsSource settings, ListenerMemory memory, DnsMemory names, LookBook book, WorkingCertificates certificates, Recoveries recoveries, TimeProvider clock, ILogger<ListenerSampler> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>Destinations that come and go are not looked at more often than this.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private bool _complete;

    /// <summary>The first look: an app that ends right after the start is to be known, too. Requests are answered meanwhile.</summary>
    public Task First { get; private set; } = Task.CompletedTask;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        First = Task.Run(() => FirstAsync(cancellationToken), CancellationToken.None);
        return base.StartAsync(cancellationToken);
    }

    private async Task FirstAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(FirstLimit);
        await SampleAsync(limit.Token);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await First;
        using var changed = new SemaphoreSlim(_complete ? 0 : 1, 1);
        settings.Changed += Reloaded;
        recoveries.Recovered += Wake;
        try
        {
            using var timer = new PeriodicTimer(Interval, clock);
            while (!stoppingToken.IsCancellationRequested)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                await Task.WhenAny(timer.WaitForNextTickAsync(either.Token).AsTask(), changed.WaitAsync(either.Token));
                await either.CancelAsync();
                await SampleAsync(stoppingToken);
                await Task.Delay(Least, clock, stoppingToken);
            }
        }
        finally
        {
            settings.Changed -= Reloaded;
            recoveries.Recovered -= Wake;
        }

        void Reloaded(GatewaySettings _) => Wake();

        void Wake()
        {
            try
            {
                if (changed.CurrentCount == 0) changed.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another one was first: it is looked all the same.
            }
        }
    }

    private async Task SampleAsync(CancellationToken stop)
    {
        try
        {
            var clusters = routes.Clusters.Where(c => settings.Current.ForCluster(c.ClusterId).Investigate && c.Destinations is not null).ToArray();
            var destinations = clusters.SelectMany(c => c.Destinations!.Keys.Select(d => new DestinationKey(c.ClusterId, d))).ToHashSet();
            book.Keep(destinations);
            certificates.Keep(destinations);
            recoveries.Keep(destinations);
            var places = clusters.SelectMany(c => c.Destinations!.Values).SelectMany(d => PlacesOf(d.Address)).Distinct().ToArray();
            memory.Keep(places);
            if (places.Length > 0) await memory.SampleAsync(places, stop);
            _complete = !stop.IsCancellationRequested;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops, or does not wait for its first sample.
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
