namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>Stacked bars over time.</summary>
/// <param name="What">What is counted.</param>
/// <param name="MinutesEach">How many minutes a bar stands for.</param>
/// <param name="Series">What the bars are made of, the lowest first.</param>
/// <param name="Bars">The oldest first.</param>
public sealed record PlotView(string What, int MinutesEach, IReadOnlyList<PlotSeries> Series, IReadOnlyList<PlotBar> Bars)
{
    public long Total => Series.Sum(s => s.Total);

    /// <summary>The height of the scale: 1, 2 or 5 with zeros, never below the highest bar.</summary>
    public long Top
    {
        get
        {
            var highest = Bars.Count == 0 ? 0 : Bars.Max(b => b.Counts.Sum());
            for (var unit = 1L; unit <= long.MaxValue / 10; unit *= 10)
            {
                foreach (var step in (ReadOnlySpan<long>)[1, 2, 5])
                {
                    if (unit * step >= highest) return unit * step;
                }
            }

            return highest;
        }
    }
}

/// <summary>One part of every bar.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Colour">The style's name of its colour.</param>
/// <param name="Total">Over all bars.</param>
public sealed record PlotSeries(string Name, string Colour, long Total);

/// <summary>One bar.</summary>
/// <param name="At">Where its time begins.</param>
/// <param name="Counts">One for each series.</param>
public sealed record PlotBar(DateTimeOffset At, IReadOnlyList<long> Counts);
