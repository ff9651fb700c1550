using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Deaths;
using ProxyGate.Investigation.Host.Limits;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Host;

/// <summary>A place where a destination listens: an address or the path of a unix socket.</summary>
public sealed record ListenerPlace
{
    private ListenerPlace(IPEndPoint? address, string? socketPath) => (Address, SocketPath) = (address, socketPath);

    public IPEndPoint? Address { get; }

    public string? SocketPath { get; }

    public static ListenerPlace At(IPEndPoint address) =>
        new(address.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(address.Address.MapToIPv4(), address.Port) : address, null);

    public static ListenerPlace At(string socketPath) => new(null, socketPath);

    /// <summary>Where a question's attempt went; absent when the name did not resolve.</summary>
    public static ListenerPlace? Of(Question question) =>
        question.SocketPath is { } path ? At(path) : question.Address is { } address ? At(address) : null;

    public override string ToString() => SocketPath ?? Address!.ToString();
}

/// <summary>
/// Who listens at each destination on this machine, remembered while all is well, so that after a failure it can be told whether the
/// process ended, was restarted or was replaced. Safe to use from several threads.
/// </summary>
public sealed class ListenerMemory(HostPaths paths, TimeProvider time) : IDisposable
{
    private const int MostPlaces = 512, MostRemembered = 4, MostThreads = 1024;
    private static readonly TimeSpan s_sampleLimit = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<ListenerPlace, List<RememberedListener>> _places = new();
    private readonly SemaphoreSlim _sampling = new(1, 1);
    private long _overflows = -1;

    /// <summary>Looks who listens at the places now and remembers it. Call it at the start, after a recovery, and now and then.</summary>
    /// <returns>What could not be seen.</returns>
    public async Task<IReadOnlyList<BlindSpot>> SampleAsync(IReadOnlyCollection<ListenerPlace> places, CancellationToken cancellationToken)
    {
        await _sampling.WaitAsync(cancellationToken);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(s_sampleLimit);
            var sight = new Sight(paths, time, limit.Token);
            await Task.Run(() => sight.Look("sample", "who listens at the destinations", () => Sample(sight, places)), cancellationToken);
            return sight.NotSeen;
        }
        finally
        {
            _sampling.Release();
        }
    }

    /// <summary>Forgets every other place: the configuration no longer names it.</summary>
    public void Keep(IReadOnlyCollection<ListenerPlace> places)
    {
        foreach (var place in _places.Keys.Except(places)) _places.TryRemove(place, out _);
    }

    public void Dispose() => _sampling.Dispose();

    /// <summary>The listener that was there before the failure: the last one first seen before it.</summary>
    internal RememberedListener? Recall(ListenerPlace place, DateTimeOffset failedAt)
    {
        if (!_places.TryGetValue(place, out var remembered)) return null;
        lock (remembered) return remembered.LastOrDefault(r => r.FirstSeen <= failedAt);
    }

    /// <summary>The listeners that have been at a place, oldest first.</summary>
    internal IReadOnlyList<RememberedListener> History(ListenerPlace place)
    {
        if (!_places.TryGetValue(place, out var remembered)) return [];
        lock (remembered) return [.. remembered];
    }

    /// <summary>The counter of overflown accept queues at the last sample.</summary>
    internal long? OverflowsBefore => Interlocked.Read(ref _overflows) is >= 0 and var counter ? counter : null;

    private bool Sample(Sight sight, IReadOnlyCollection<ListenerPlace> places)
    {
        if (LocalLimits.ListenOverflows(sight) is { } overflows) Interlocked.Exchange(ref _overflows, overflows);
        var found = new List<(ListenerPlace Place, ulong Inode, bool InContainer)>();
        var tables = new Dictionary<int, SocketTable>();
        foreach (var place in places.Take(MostPlaces))
        {
            sight.Stop.ThrowIfCancellationRequested();
            var (where, process) = place.Address is { } address ? NetworkFinder.Find(sight, address.Address) : (Whereabouts.Here, null);
            if (where == Whereabouts.Elsewhere) continue;
            if (!tables.TryGetValue(process ?? 0, out var table)) tables[process ?? 0] = table = new SocketTable(sight, process);
            var inodes = place.Address is { } at
                ? table.ListeningAt(at).Select(s => s.Inode)
                : table.ListeningAt(place.SocketPath!).Select(s => s.Inode);
            found.AddRange(inodes.Where(i => i != 0).Select(i => (place, i, where == Whereabouts.InContainer)));
        }

        var owners = SocketOwners.Find(sight, found.Select(f => f.Inode).ToHashSet(), Known());
        // A process that listens at many places is read once.
        var read = new Dictionary<(string Holders, bool InContainer), RememberedListener?>();
        foreach (var group in found.GroupBy(f => (f.Place, f.InContainer)))
        {
            var holders = group.SelectMany(g => owners.Of(g.Inode)).ToHashSet();
            var key = (string.Join(' ', holders.Order()), group.Key.InContainer);
            if (!read.TryGetValue(key, out var seen)) read[key] = seen = Listeners.Main(sight, holders) is { } main ? Remembered(sight, main, holders, group.Key.InContainer) : null;
            if (seen is not null) Remember(group.Key.Place, seen);
            else sight.Miss($"the owner of {group.Key.Place}", owners.WhyNone);
        }

        return true;
    }

    private HashSet<int> Known()
    {
        var known = new HashSet<int>();
        foreach (var remembered in _places.Values)
        {
            lock (remembered) known.UnionWith(remembered[^1].Holders);
        }

        return known;
    }

    private static RememberedListener Remembered(Sight sight, ProcessSeen process, HashSet<int> holders, bool inContainer) => new()
    {
        Facts = process.Facts,
        StartTicks = process.Stat.StartTicks,
        Cgroup = process.Cgroup,
        Holders = holders,
        Stats = holders.Take(Listeners.MostHolders).Select(pid => (Pid: pid, Stat: ProcessReader.Stat(sight, pid))).Where(h => h.Stat is not null).ToDictionary(h => h.Pid, h => h.Stat!),
        AloneInGroup = MemoryGroup.Members(sight, process.Cgroup) is { Count: > 0 } members && members.All(holders.Contains),
        Logs = inContainer ? [] : AppLog.Of(sight, process.Facts.Pid),
        Threads = Threads(sight, process.Facts.Pid),
        Memory = MemoryGroup.Read(sight, process.Cgroup),
        InContainer = inContainer,
        FirstSeen = sight.Time.GetUtcNow(),
        LastSeen = sight.Time.GetUtcNow(),
    };

    private static HashSet<int> Threads(Sight sight, int pid)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(sight.Proc(pid, "task")).Take(MostThreads)
                .Select(t => int.TryParse(Path.GetFileName(t.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var thread) ? thread : 0)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended just now, or may not be looked into: without its threads a crash is told by the process alone.
            return [];
        }
    }

    private void Remember(ListenerPlace place, RememberedListener seen)
    {
        if (_places.Count >= MostPlaces && !_places.ContainsKey(place)) return;
        var remembered = _places.GetOrAdd(place, _ => [seen]);
        lock (remembered)
        {
            if (remembered[^1] is var last && last.IsSame(seen.Facts.Pid, seen.StartTicks))
                remembered[^1] = seen with { FirstSeen = last.FirstSeen };
            else
                remembered.Add(seen);
            if (remembered.Count > MostRemembered) remembered.RemoveAt(0);
        }
    }
}
