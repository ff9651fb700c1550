using System.Collections.Concurrent;

namespace ProxyGate.Gateway.Pages.Stencils;

/// <summary>
/// The stencils there are, by what they were cut for. Bounded: when there are too many all are let go, for what is still asked for is soon there again.
/// A stencil is cut for what comes a second time; who never asks twice for the same costs nothing but that.
/// </summary>
internal sealed class Stencils<TKey, TStencil>(int most) where TKey : notnull where TStencil : class
{
    private readonly ConcurrentDictionary<TKey, TStencil?> _cut = new();
    private readonly ConcurrentDictionary<TKey, bool> _asked = new();

    public int Count => _cut.Count;

    /// <summary>The stencil, cut when this is asked for the second time. Absent before that, and for what none fits.</summary>
    public TStencil? Find<TState>(TKey key, TState state, Func<TState, TStencil?> cut)
    {
        if (_cut.TryGetValue(key, out var known)) return known;
        if (!_asked.TryRemove(key, out _))
        {
            if (_asked.Count >= most) _asked.Clear();
            _asked[key] = true;
            return null;
        }

        if (_cut.Count >= most) _cut.Clear();
        return _cut[key] = cut(state);
    }
}
