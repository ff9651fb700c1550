using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>
/// The turns of one list of destinations, each found without looking at all of them. Every turn each credit grows by its destination's weight: among equal
/// weights that changes no order, so that each group keeps a heap, and only the firsts of the groups are compared. Not for several threads at once.
/// </summary>
internal sealed class WeightedTurns
{
    private readonly WeightTable _table;
    private readonly Heap[] _heaps;
    private long _turn;

    public WeightedTurns(WeightTable table, Func<DestinationState, StrongBox<long>> credits)
    {
        _table = table;
        _heaps = [.. table.Groups.Select(g => new Heap(g.Weight, [.. g.Members.Select(i => new Entry(credits(table.Destinations[i]).Value, i))]))];
    }

    public WeightTable Table => _table;

    public DestinationState? Next()
    {
        _turn++;
        Heap? best = null;
        foreach (var heap in _heaps)
        {
            if (best is null || IsBefore(heap.First.Credit + (heap.Weight * _turn), heap.First.Place, best.First.Credit + (best.Weight * _turn), best.First.Place)) best = heap;
        }

        if (best is null) return null;
        var place = best.First.Place;
        best.ChargeFirst(_table.Sum);
        return _table.Destinations[place];
    }

    /// <summary>Writes the credits back, for whoever goes on with other destinations.</summary>
    public void Settle(Func<DestinationState, StrongBox<long>> credits)
    {
        foreach (var heap in _heaps)
        {
            foreach (var entry in heap.Entries) credits(_table.Destinations[entry.Place]).Value = entry.Credit + (heap.Weight * _turn);
        }
    }

    /// <summary>The greater credit, and of two equal the earlier in the list.</summary>
    private static bool IsBefore(long credit, int place, long otherCredit, int otherPlace) => credit != otherCredit ? credit > otherCredit : place < otherPlace;

    /// <param name="Credit">Without what it has gained by the turns.</param>
    /// <param name="Place">In the list.</param>
    private readonly record struct Entry(long Credit, int Place);

    /// <summary>A binary heap of the destinations of one weight.</summary>
    private sealed class Heap
    {
        private readonly Entry[] _entries;

        public Heap(int weight, Entry[] entries)
        {
            (Weight, _entries) = (weight, entries);
            for (var i = (entries.Length / 2) - 1; i >= 0; i--) Sink(i);
        }

        public long Weight { get; }

        public Entry First => _entries[0];

        public IReadOnlyList<Entry> Entries => _entries;

        public void ChargeFirst(long credit)
        {
            _entries[0] = _entries[0] with { Credit = _entries[0].Credit - credit };
            Sink(0);
        }

        private void Sink(int at)
        {
            while (true)
            {
                var (first, left) = (at, (2 * at) + 1);
                if (left < _entries.Length && IsBefore(left, first)) first = left;
                if (left + 1 < _entries.Length && IsBefore(left + 1, first)) first = left + 1;
                if (first == at) return;
                (_entries[at], _entries[first]) = (_entries[first], _entries[at]);
                at = first;
            }
        }

        private bool IsBefore(int one, int other) => WeightedTurns.IsBefore(_entries[one].Credit, _entries[one].Place, _entries[other].Credit, _entries[other].Place);
    }
}
