using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// Durations on their way to a histogram, which is given them a batch at a time and whenever somebody reads: what an exporter does for each is much code
/// that a request, coming by once, would have to fetch from memory, and that costs a fraction for many in turn.
/// </summary>
internal sealed class PhaseTimes(Histogram<double> histogram, IReadOnlyList<string> phases)
{
    private readonly ConcurrentDictionary<string, Batch[]> _clusters = new(StringComparer.Ordinal);
    private volatile Last? _last;

    /// <param name="phase">Its place among the phases.</param>
    /// <param name="cluster">Found at once where it is the very text of the last time.</param>
    /// <param name="seconds">How long it took.</param>
    public void Add(int phase, string cluster, double seconds)
    {
        var last = _last;
        if (last is null || !ReferenceEquals(last.Cluster, cluster))
        {
            last = new Last(cluster, _clusters.TryGetValue(cluster, out var known) ? known : First(cluster));
            _last = last;
        }

        last.Batches[phase].Add(seconds);
    }

    /// <summary>Everything that waits.</summary>
    public void HandOn()
    {
        foreach (var (_, batches) in _clusters)
        {
            foreach (var batch in batches) batch.HandOn();
        }
    }

    /// <summary>A method of its own: what its function catches would be made for every request.</summary>
    private Batch[] First(string cluster) =>
        _clusters.GetOrAdd(cluster, c => [.. phases.Select(p => new Batch(histogram, [new("phase", p), new("cluster", c)]))]);

    private sealed record Last(string Cluster, Batch[] Batches);

    private sealed class Batch(Histogram<double> histogram, KeyValuePair<string, object?>[] tags)
    {
        private const int Most = 32;

        private readonly Lock _lock = new();
        private double[]? _waiting;
        private int _count;

        public void Add(double seconds)
        {
            lock (_lock)
            {
                (_waiting ??= new double[Most])[_count++] = seconds;
                if (_count == Most) Record();
            }
        }

        public void HandOn()
        {
            lock (_lock) Record();
        }

        private void Record()
        {
            for (var i = 0; i < _count; i++) histogram.Record(_waiting![i], tags);
            _count = 0;
        }
    }
}
