using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ProxyGate.Gateway.EventLog;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class PhaseTimesTests : IDisposable
{
    private readonly Meter _meter = new("phase times");
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _seen = [];
    private readonly PhaseTimes _times;

    public PhaseTimesTests()
    {
        var histogram = _meter.CreateHistogram<double>("durations");
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) => _seen.Enqueue($"{string.Join(' ', tags.ToArray().Select(t => $"{t.Key}={t.Value}"))} {value}"));
        _listener.EnableMeasurementEvents(histogram);
        _times = new PhaseTimes(histogram, ["send", "total"]);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Each_duration_is_handed_on_once_with_its_tags_when_somebody_reads()
    {
        _times.Add(0, "a", 1);
        _times.Add(1, "a", 2);
        _times.Add(1, "b", 3);
        // The same cluster in the text of another configuration.
        _times.Add(1, new string(['a']), 4);
        Assert.Empty(_seen);
        _times.HandOn();
        _times.HandOn();
        Assert.Equal(["phase=send cluster=a 1", "phase=total cluster=a 2", "phase=total cluster=a 4", "phase=total cluster=b 3"], _seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void None_is_lost_where_many_come_at_once()
    {
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 10_001; i++) _times.Add(i % 2, "a", 0.5);
        });
        _times.HandOn();
        Assert.Equal(4 * 10_001, _seen.Count);
    }
}
