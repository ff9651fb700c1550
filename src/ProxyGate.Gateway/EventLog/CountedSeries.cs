using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// Counts of an instrument, one for each set of tags, which is made once. Counting is one addition; the tags are looked at by whoever reads the metrics,
/// every few seconds, and not by every request. As many as the configuration has routes, clusters and destinations, and the catalogue causes.
/// </summary>
internal sealed class CountedSeries<TKey>(Func<TKey, KeyValuePair<string, object?>[]> tags) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Series> _series = new();

    public Series Of(TKey key) => _series.TryGetValue(key, out var known) ? known : _series.GetOrAdd(key, static (k, make) => new Series(make(k)), tags);

    /// <summary>What has been counted, as an observable counter tells it. A series that has counted nothing is not told.</summary>
    public IEnumerable<Measurement<long>> Read()
    {
        foreach (var (_, series) in _series)
        {
            if (series.Count is > 0 and var count) yield return new Measurement<long>(count, series.Tags);
        }
    }

    internal sealed class Series(KeyValuePair<string, object?>[] tags)
    {
        private long _count;

        public KeyValuePair<string, object?>[] Tags => tags;

        public long Count => Volatile.Read(ref _count);

        public void Add(long count) => Interlocked.Add(ref _count, count);
    }
}
