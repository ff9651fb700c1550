using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Dashboard.Traffic;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class TrafficTests : IDisposable
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(s_noon);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly TrafficMemory _traffic;
    private readonly GatewayMetrics _metrics;

    public TrafficTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _metrics = new GatewayMetrics(meters);
        _traffic = new TrafficMemory(_metrics, _clock);
    }

    [Fact]
    public void Answers_are_counted_in_their_minute_by_what_they_were()
    {
        foreach (var status in new[] { 200, 204, 301, 404, 502, 502 }) Answer(status);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Answer(500);

        Assert.Equal([(3L, 1L, 2L), (0L, 0L, 0L), (0L, 0L, 1L)], _traffic.Last(3).Select(m => (m.Good, m.ClientErrors, m.ServerErrors)));
        Assert.Equal([s_noon, s_noon.AddMinutes(1), s_noon.AddMinutes(2)], _traffic.Last(3).Select(m => m.At));
    }

    [Fact]
    public void A_day_later_the_minute_is_forgotten()
    {
        Answer(200);
        Assert.Equal(1, _traffic.Last(TrafficMemory.Minutes).Sum(m => m.Good));
        _clock.Advance(TimeSpan.FromMinutes(TrafficMemory.Minutes));
        Assert.Equal(0, _traffic.Last(TrafficMemory.Minutes).Sum(m => m.Good));
        Answer(200);
        Assert.Equal(1, _traffic.Last(1)[0].Good);
    }

    [Fact]
    public void Another_gateway_in_the_same_process_is_not_counted()
    {
        using var others = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var metrics = new GatewayMetrics(others.GetRequiredService<IMeterFactory>());
        metrics.RequestEnded("shop", "app", 200, 1);
        Assert.Equal(0, _traffic.Last(1)[0].Good);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_answer_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++) Answer(200);
        })));
        Assert.Equal(8000, _traffic.Last(1)[0].Good);
    }

    [Theory]
    [InlineData(60, 1, 60)]
    [InlineData(360, 6, 60)]
    [InlineData(1440, 24, 60)]
    [InlineData(10, 1, 10)]
    public void Bars_hold_every_minute_once(int minutes, int each, int bars)
    {
        var causes = new[] { "a", "b", "c", "d", "e", "f", "g" }.Select((c, i) =>
            new CauseSeries(c, [new MinuteCount(s_noon, 10 - i), new MinuteCount(s_noon.AddMinutes(minutes - 1), 1), new MinuteCount(s_noon.AddMinutes(minutes), 1000), new MinuteCount(s_noon.AddMinutes(-1), 1000)])).ToArray();

        var plot = PlotMaker.Failures(causes, s_noon, minutes);

        Assert.Equal((each, bars), (plot.MinutesEach, plot.Bars.Count));
        Assert.Equal(["a", "b", "c", "d", "e", "others"], plot.Series.Select(s => s.Name));
        Assert.Equal([11L, 10, 9, 8, 7, 11], plot.Series.Select(s => s.Total));
        Assert.Equal(56, plot.Total);
        Assert.Equal(50, plot.Top);
        Assert.Equal(49, plot.Bars[0].Counts.Sum());
        Assert.Equal(7, plot.Bars[^1].Counts.Sum());
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _traffic.Dispose();
        _services.Dispose();
    }

    private void Answer(int status) => _metrics.RequestEnded("shop", "app", status, 1);
}
