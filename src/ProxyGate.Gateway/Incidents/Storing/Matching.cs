using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>What the filters mean, for what is in memory.</summary>
internal static class Matching
{
    public static bool Fits(Incident i, IncidentFilter f) =>
        (!f.OpenOnly || i.IsOpen) && Is(i.Gateway, f.Gateway) && Is(i.Route, f.Route) && Is(i.Destination, f.Destination) && Is(i.Cause, f.Cause)
        && (f.From is null || i.LastSeen >= f.From) && (f.To is null || i.FirstSeen < f.To);

    public static bool Fits(Incident i, CountQuery q) => Is(i.Gateway, q.Gateway) && Is(i.Route, q.Route) && Is(i.Destination, q.Destination);

    public static bool Fits(FailureEntry e, FailureFilter f) =>
        Is(e.Incident, f.Incident) && Is(e.Gateway, f.Gateway) && Is(e.Route, f.Route) && Is(e.Destination, f.Destination) && Is(e.Cause, f.Cause) && Is(e.Party, f.Party)
        && (f.Saved is null || e.Saved == f.Saved) && (f.From is null || e.Time >= f.From) && (f.To is null || e.Time < f.To)
        && (f.Text is not { Length: > 0 } text || Texts(e).Any(t => t?.Contains(text, StringComparison.OrdinalIgnoreCase) == true));

    /// <summary>Minutes added up into the query's steps, oldest first.</summary>
    public static IReadOnlyList<MinuteCount> InSteps(IEnumerable<MinuteCount> minutes, CountQuery query)
    {
        var step = StepOf(query).Ticks;
        return [.. minutes.GroupBy(m => m.Minute.UtcTicks / step * step).OrderBy(g => g.Key).Select(g => new MinuteCount(new DateTimeOffset(g.Key, TimeSpan.Zero), g.Sum(m => m.Count)))];
    }

    public static TimeSpan StepOf(CountQuery query) => TimeSpan.FromMinutes(Math.Max(1, Math.Ceiling(query.Step.TotalMinutes)));

    private static string?[] Texts(FailureEntry e) => [e.Id, e.Incident, e.Cause, e.Route, e.Destination, e.Method, e.Host, e.Path, e.Client, e.Sentence];

    private static bool Is(string? value, string? wanted) => wanted is null || value == wanted;
}
