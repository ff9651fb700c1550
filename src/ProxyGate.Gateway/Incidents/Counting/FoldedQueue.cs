using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>Ids of folded failures on their way to the store. Touched under the tracker's lock only; bounded, and what does not fit is counted.</summary>
internal sealed class FoldedQueue
{
    private const int MostWaiting = 1_000_000;

    private List<FoldedFailures> _waiting = [];
    private int _ids;
    private long _dropped;

    /// <summary>Folded failures since the start whose ids were not kept. Read at any time.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public void Add(FoldedFailures folded, int left)
    {
        if (_ids + folded.Ids.Length > MostWaiting * FoldedIds.IdLength)
        {
            left += folded.Ids.Length / FoldedIds.IdLength;
        }
        else
        {
            _waiting.Add(folded);
            _ids += folded.Ids.Length;
        }

        if (left > 0) Volatile.Write(ref _dropped, _dropped + left);
    }

    public IReadOnlyList<FoldedFailures> Take()
    {
        if (_waiting.Count == 0) return [];
        var taken = _waiting;
        (_waiting, _ids) = ([], 0);
        return taken;
    }
}
