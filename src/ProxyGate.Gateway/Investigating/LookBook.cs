using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Gateway.Investigating;

/// <summary>A destination of the configuration.</summary>
internal readonly record struct DestinationKey(string Cluster, string Destination);

/// <summary>
/// What the last look at each destination saw, and when the next may be taken. Destinations come from the configuration, so its size is
/// theirs; those a reload removed are forgotten.
/// </summary>
internal sealed class LookBook(TimeProvider clock)
{
    /// <summary>Between two looks at one destination.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(30);

    /// <summary>The same where somebody asks for it.</summary>
    public static readonly TimeSpan BetweenWishes = TimeSpan.FromSeconds(3);

    /// <summary>What was seen is told with later failures for so long; while they go on, a fresh look replaces it sooner.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<DestinationKey, Page> _pages = new();

    /// <summary>Takes the turn for this destination; false while the last look is younger than the time between two, or still running.</summary>
    public bool TryBegin(DestinationKey key) => TryBegin(key, Between);

    public bool TryBegin(DestinationKey key, TimeSpan between)
    {
        var page = _pages.GetOrAdd(key, static _ => new Page());
        var now = clock.GetUtcNow().UtcTicks;
        var last = Volatile.Read(ref page.BegunTicks);
        return now - last >= between.Ticks && Interlocked.CompareExchange(ref page.BegunTicks, now, last) == last;
    }

    /// <summary>Gives the turn back: the look was never taken.</summary>
    public void Withdraw(DestinationKey key)
    {
        if (_pages.TryGetValue(key, out var page)) Volatile.Write(ref page.BegunTicks, 0);
    }

    public void Put(DestinationKey key, FindingEvent finding)
    {
        if (_pages.TryGetValue(key, out var page)) page.Finding = finding;
    }

    /// <summary>What is known of the address an attempt used, when it is still fresh.</summary>
    public InvestigationFacts? Find(string? cluster, AttemptFacts? attempt, DateTimeOffset at) => Last(cluster, attempt) is { } look && at - look.At <= Fresh ? look : null;

    /// <summary>The same, however long ago it was seen.</summary>
    public InvestigationFacts? Last(string? cluster, AttemptFacts? attempt)
    {
        if (cluster is null || attempt is null || !_pages.TryGetValue(new DestinationKey(cluster, attempt.Destination), out var page)) return null;
        return page.Finding?.Diagnosis.Investigation is { } look && (attempt.Address is null || attempt.Address == look.Address) ? look : null;
    }

    /// <summary>The last finding of an incident, newest first.</summary>
    public FindingEvent? OfIncident(string incident) =>
        _pages.Values.Select(p => p.Finding).OfType<FindingEvent>().Where(f => f.Incident == incident).MaxBy(f => f.Time);

    /// <summary>Forgets every other destination.</summary>
    public void Keep(IReadOnlySet<DestinationKey> configured)
    {
        foreach (var key in _pages.Keys.Where(k => !configured.Contains(k))) _pages.TryRemove(key, out _);
    }

    private sealed class Page
    {
        public long BegunTicks;

        public volatile FindingEvent? Finding;
    }
}
