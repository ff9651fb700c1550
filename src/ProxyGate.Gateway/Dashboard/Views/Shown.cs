using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>
/// How values are shown. Every text that came from elsewhere goes through <see cref="Line"/> when a view is made; screens escape it for
/// HTML and the API for JSON.
/// </summary>
internal static class Shown
{
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Line(string? text, int maxLength = 256) => HostileText.Line(text, maxLength);

    public static IReadOnlyList<string> Lines(IEnumerable<string> texts, int most = 24, int maxLength = 1024) => [.. texts.Take(most).Select(t => HostileText.Line(t, maxLength))];

    /// <summary>1234567 as 1,234,567.</summary>
    public static string Count(long count) => count.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Plural(long count, string one, string many) => $"{Count(count)} {(count == 1 ? one : many)}";

    public static string Percent(double share) => share switch
    {
        <= 0 => "0 %",
        < 0.001 => "< 0.1 %",
        > 0.999 and < 1 => "> 99.9 %",
        >= 1 => "100 %",
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.#} %"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %"),
    };

    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The time alone within a day, else with its date; UTC.</summary>
    public static string Clock(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(now - at < TimeSpan.FromHours(20) ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    public static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Ago(TimeSpan ago) => ago.TotalSeconds switch
    {
        < -1.5 => "in " + Span(-ago),
        < 1.5 => "just now",
        _ => Span(ago) + " ago",
    };

    /// <summary>The largest unit, or two where the second still matters: 48 s, 12 min, 3 h 20 min, 5 days.</summary>
    public static string Span(TimeSpan span) => span.TotalSeconds switch
    {
        < 0 => "0 s",
        < 99.5 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        < 99.5 * 60 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        < 10 * 3600 when span.Minutes > 0 => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes} min"),
        < 48 * 3600 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
    };
}
