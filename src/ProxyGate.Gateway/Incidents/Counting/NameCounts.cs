using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>Failures by path or client: the first so many are told apart, the rest is one number. Touched under the tracker's lock only.</summary>
internal sealed class NameCounts<T> where T : notnull
{
    private const int MostNames = 32;
    private const int MaxName = 256;

    private readonly Dictionary<T, long> _counts = [];
    private long _others;

    public void Add(T name, long count = 1)
    {
        ref var known = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(_counts, name);
        if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref known)) known += count;
        else if (_counts.Count < MostNames) _counts.Add(name, count);
        else _others += count;
    }

    public void AddOthers(long count) => _others += count;

    public Affected Now() => new(
        [.. _counts.Select(n => new CountedName(HostileText.Line(n.Key.ToString(), MaxName) ?? "", n.Value)).OrderByDescending(n => n.Count)],
        _others);
}
