using ProxyGate.Gateway.Incidents.Counting;

namespace ProxyGate.Gateway.Incidents;

/// <summary>The routes with open incidents, the one that failed last in front. Touched under the tracker's lock only.</summary>
internal sealed class FailingRoutes
{
    private const int MaxNamed = 8;

    /// <summary>A route that has not failed for this long cannot be said to fail now, even if nothing shows that it is well again.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, Entry> _entries = [];
    private readonly LinkedList<Entry> _failed = new();

    public void Opened(string route)
    {
        if (!_entries.TryGetValue(route, out var entry)) _entries.Add(route, entry = new Entry(route));
        entry.Incidents++;
    }

    public void Failed(string route, long now)
    {
        if (!_entries.TryGetValue(route, out var entry)) return;
        if (entry.Node.List is not null) _failed.Remove(entry.Node);
        _failed.AddFirst(entry.Node);
        entry.LastFailed = now;
    }

    public void Closed(string route)
    {
        if (!_entries.TryGetValue(route, out var entry) || --entry.Incidents > 0) return;
        if (entry.Node.List is not null) _failed.Remove(entry.Node);
        _entries.Remove(route);
    }

    /// <summary>The others that fail now, by id.</summary>
    public IReadOnlyList<string> Others(string? route, long now)
    {
        List<string>? others = null;
        for (var node = _failed.First; node is not null && SteadyTime.Between(node.Value.LastFailed, now) < Window && others is not { Count: MaxNamed }; node = node.Next)
        {
            if (node.Value.Route != route) (others ??= []).Add(node.Value.Route);
        }

        others?.Sort(StringComparer.Ordinal);
        return others ?? (IReadOnlyList<string>)[];
    }

    private sealed class Entry
    {
        public Entry(string route) => (Route, Node) = (route, new LinkedListNode<Entry>(this));

        public string Route { get; }

        public LinkedListNode<Entry> Node { get; }

        public int Incidents { get; set; }

        public long LastFailed { get; set; }
    }
}
