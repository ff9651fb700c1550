using ProxyGate.Gateway.Incidents.Counting;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>The newest notes of folded failures, as many as a bound of ids allows.</summary>
internal sealed class FoldedMemory
{
    private const int MostIds = 1_000_000;

    private readonly LinkedList<FoldedFailures> _notes = new();
    private long _bytes;

    public IReadOnlyList<FoldedFailures> All => [.. _notes.Reverse()];

    public bool IsEmpty => _notes.Count == 0;

    public void Add(FoldedFailures folded)
    {
        _notes.AddFirst(folded);
        _bytes += folded.Ids.Length;
        for (; _bytes > MostIds * FoldedIds.IdLength; _notes.RemoveLast()) _bytes -= _notes.Last!.Value.Ids.Length;
    }

    public void Clear()
    {
        _notes.Clear();
        _bytes = 0;
    }

    public FoldedFailures? Find(string id) => FoldedIds.BytesOf(id) is { } bytes ? _notes.FirstOrDefault(n => FoldedIds.Contain(n.Ids, bytes)) : null;
}
