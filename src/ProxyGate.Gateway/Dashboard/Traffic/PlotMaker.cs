using System.Globalization;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Traffic;

/// <summary>Makes plots of stacked bars over time.</summary>
internal static class PlotMaker
{
    /// <summary>Bars of one plot; more could not be told apart on a phone.</summary>
    public const int Bars = 60;

    public const string Others = "others";

    /// <summary>Causes with a colour of their own; the rest is one series.</summary>
    private const int NamedCauses = 5;

    private static readonly string[] s_answers = ["below 400", "4xx", "5xx"];
    private static readonly string[] s_answerColours = ["good", "warn", "bad"];

    /// <summary>The minutes that a bar stands for when these are shown.</summary>
    public static int Each(int minutes) => Math.Max(1, (minutes + Bars - 1) / Bars);

    /// <summary>Answers by what became of them.</summary>
    public static PlotView Requests(IReadOnlyList<MinuteSeen> minutes)
    {
        var each = Each(minutes.Count);
        var bars = Empty(minutes[0].At, minutes.Count, s_answers.Length);
        for (var i = 0; i < minutes.Count; i++)
        {
            var counts = bars[i / each].Counts;
            counts[0] += minutes[i].Good;
            counts[1] += minutes[i].ClientErrors;
            counts[2] += minutes[i].ServerErrors;
        }

        return Of("Answers", each, s_answers, s_answerColours, bars);
    }

    /// <summary>Failures by cause, the most frequent first.</summary>
    /// <param name="from">The beginning of the first minute.</param>
    /// <param name="minutes">How many are shown.</param>
    public static PlotView Failures(IReadOnlyList<CauseSeries> causes, DateTimeOffset from, int minutes)
    {
        CauseSeries[] ranked = [.. causes.OrderByDescending(c => c.Points.Sum(p => p.Count)).ThenBy(c => c.Cause, StringComparer.Ordinal)];
        string[] named = [.. ranked.Take(NamedCauses).Select(c => c.Cause)];
        string[] names = ranked.Length > named.Length ? [.. named, Others] : named;
        string[] colours = [.. names.Select((n, i) => n == Others ? "c-rest" : string.Create(CultureInfo.InvariantCulture, $"c{i}"))];
        var bars = Empty(from, minutes, names.Length);
        for (var i = 0; i < ranked.Length; i++) Count(ranked[i].Points, from, Each(minutes), bars, Math.Min(i, named.Length));
        return Of("Failures", Each(minutes), names, colours, bars);
    }

    /// <summary>Failures of one incident.</summary>
    public static PlotView OfIncident(string cause, IReadOnlyList<MinutePoint> points, DateTimeOffset from, int minutes) =>
        Failures([new CauseSeries(cause, [.. points.Select(p => new MinuteCount(p.Minute, p.Count))])], from, minutes);

    private static void Count(IReadOnlyList<MinuteCount> points, DateTimeOffset from, int each, Bar[] bars, int series)
    {
        foreach (var point in points)
        {
            var bar = (int)Math.Clamp(Math.Floor((point.Minute - from).TotalMinutes / each), -1, bars.Length);
            if (bar >= 0 && bar < bars.Length) bars[bar].Counts[series] += point.Count;
        }
    }

    private static Bar[] Empty(DateTimeOffset from, int minutes, int series)
    {
        var each = Each(minutes);
        return [.. Enumerable.Range(0, (minutes + each - 1) / each).Select(i => new Bar(from.AddMinutes(i * each), new long[series]))];
    }

    private static PlotView Of(string what, int each, string[] names, string[] colours, Bar[] bars) => new(
        what, each, [.. names.Select((n, i) => new PlotSeries(n, colours[i], bars.Sum(b => b.Counts[i])))], [.. bars.Select(b => new PlotBar(b.At, b.Counts))]);

    private readonly record struct Bar(DateTimeOffset At, long[] Counts);
}
