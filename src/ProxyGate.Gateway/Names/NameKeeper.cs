using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Routing;
using ProxyGate.Investigation.Probing.Names;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Names;

/// <summary>
/// Looks the names of all destinations up again when their answers have aged, so that a change is known before a request meets it. A name that
/// cannot be looked up keeps its last good answer, and that is said; at the start it is a diagnosis in the log, and no reason not to start.
/// </summary>
internal sealed partial class NameKeeper(
    RouteSource routes, IGatewaySettingsSource settings, NameChanges changes, NameLookUp lookUp, TimeProvider clock, ILogger<NameKeeper> logger) : BackgroundService
{
    /// <summary>Some servers say 0; asking with every breath helps nobody.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, KnownName> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, CancellationTokenSource> _watched = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Raised when a name has other addresses than before.</summary>
    public event Action<string>? Changed;

    public KnownName Of(string name) => _known.GetValueOrDefault(name) ?? KnownName.Nothing;

    /// <summary>The destination's name; absent for addresses, unix sockets and this machine's own name.</summary>
    public static string? NameOf(DestinationConfig destination) =>
        Uri.TryCreate(destination.Address, UriKind.Absolute, out var uri) && uri.HostNameType == UriHostNameType.Dns
            && !UnixDestinations.TryGetPath(uri.Host, out _) && !PinnedDestinations.TryGet(uri.IdnHost, out _, out _)
            && !uri.IdnHost.Equals("localhost", StringComparison.OrdinalIgnoreCase) && !uri.IdnHost.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
                ? uri.IdnHost
                : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                using var word = routes.GetConfig().ChangeToken.RegisterChangeCallback(static t => ((TaskCompletionSource)t!).TrySetResult(), changed);
                Follow(stoppingToken);
                await changed.Task.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    private void Follow(CancellationToken stop)
    {
        var wanted = routes.Clusters.SelectMany(c => c.Destinations?.Values ?? []).Select(NameOf).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var gone in _watched.Keys.Except(wanted, StringComparer.OrdinalIgnoreCase).ToList())
        {
            _watched.Remove(gone, out var watch);
            watch!.Cancel();
            _known.TryRemove(gone, out _);
        }

        foreach (var name in wanted.Where(n => !_watched.ContainsKey(n)))
        {
            var watch = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _watched[name] = watch;
            _ = Task.Run(() => WatchAsync(name, watch.Token), CancellationToken.None);
        }
    }

    private async Task WatchAsync(string name, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var found = await lookUp(name, settings.Current.Timeouts.Dns, stop);
                Learn(name, found);
                var wait = found.Addresses.Count == 0 ? AfterFailure : found.Keep < Shortest ? Shortest : found.Keep > Longest ? Longest : found.Keep;
                await Task.Delay(wait, clock, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // No destination has the name any more, or the gateway stops.
        }
        catch (Exception e)
        {
            LogFault(e, name);
        }
    }

    internal void Learn(string name, NameFound found)
    {
        var before = Of(name);
        var now = clock.GetUtcNow();
        if (found.Addresses.Count == 0)
        {
            var (cause, words) = Why(name, found);
            _known[name] = before with { Failing = before.Failing ?? now, Cause = cause };
            if (before.Cause == cause) return;
            if (before.Addresses.Count == 0) LogUnknown(name, cause, words);
            else LogStale(name, cause, words, Written(before.Addresses), before.AsOf!.Value);
            return;
        }

        // Servers rotate their answers: another order is no other answer.
        var addresses = found.Addresses.OrderBy(a => a.AddressFamily).ThenBy(a => a.ToString(), StringComparer.Ordinal).ToList();
        _known[name] = new KnownName(addresses, now, null, null);
        if (before.Failing is { } since) LogBack(name, Written(addresses), since);
        if (before.Addresses.SequenceEqual(addresses)) return;
        if (before.Addresses.Count > 0)
        {
            LogChanged(name, Written(before.Addresses), Written(addresses));
            changes.Tell(name, addresses);
        }

        Changed?.Invoke(name);
    }

    /// <summary>In the same terms as a request that met it.</summary>
    private static (string Cause, string Words) Why(string name, NameFound found)
    {
        var timedOut = found.Error == SocketError.TimedOut;
        var facts = new FailureFacts(
            new RequestFacts { Method = "" },
            [
                new AttemptFacts
                {
                    Number = 1,
                    Destination = name,
                    DestinationUrl = $"http://{name}",
                    Dns = new DnsFacts { Host = name, DurationMs = found.Milliseconds, Error = timedOut ? null : found.Error, TimedOut = timedOut },
                    End = timedOut ? AttemptEnd.TimedOut : AttemptEnd.DnsFailed,
                    TimedOut = timedOut ? TimeoutPhase.Dns : TimeoutPhase.None,
                    DurationMs = found.Milliseconds,
                },
            ]);
        var failure = Classifier.Classify(facts);
        return (failure.Cause.Id, Explainer.Explain(facts, failure).Sentence);
    }

    private static string Written(IReadOnlyList<IPAddress> addresses) => string.Join(", ", addresses.Take(8)) + (addresses.Count > 8 ? ", …" : "");

    [LoggerMessage(Level = LogLevel.Warning, Message = "The name {Name:l} of a destination leads nowhere: {Cause:l}. {Words:l} Requests will fail with that cause until it does.")]
    private partial void LogUnknown(string name, string cause, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The name {Name:l} cannot be looked up: {Cause:l}. {Words:l} The last good answer is kept: {Addresses:l}, of {AsOf:u}.")]
    private partial void LogStale(string name, string cause, string words, string addresses, DateTimeOffset asOf);

    [LoggerMessage(Level = LogLevel.Information, Message = "The name {Name:l} can be looked up again: {Addresses:l}. It could not since {Since:u}.")]
    private partial void LogBack(string name, string addresses, DateTimeOffset since);

    [LoggerMessage(Level = LogLevel.Information, Message = "The name {Name:l} leads elsewhere now: {Before:l} has become {After:l}.")]
    private partial void LogChanged(string name, string before, string after);

    [LoggerMessage(Level = LogLevel.Error, Message = "Looking up {Name:l} failed in itself and is not repeated until the configuration changes.")]
    private partial void LogFault(Exception exception, string name);
}

/// <summary>One look-up of a name.</summary>
internal delegate Task<NameFound> NameLookUp(string name, TimeSpan limit, CancellationToken cancellationToken);
