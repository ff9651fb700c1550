using System.Globalization;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Times and sizes as people read them.</summary>
public static class Amounts
{
    /// <summary>E.g. <c>0.4 ms</c>, <c>31 ms</c>, <c>3.5 s</c>, <c>2 min 5 s</c>.</summary>
    public static string Time(double milliseconds) => milliseconds switch
    {
        double.NaN or < 0 => "0 ms",
        < 0.1 => "under 0.1 ms",
        < 10 => Invariant($"{milliseconds:0.#} ms"),
        < 999.5 => Invariant($"{milliseconds:0} ms"),
        < 119_500 => Invariant($"{milliseconds / 1000:0.##} s"),
        _ => Minutes(milliseconds),
    };

    private static string Minutes(double milliseconds)
    {
        var seconds = Math.Round(milliseconds / 1000);
        var rest = seconds % 60;
        return rest == 0 ? Invariant($"{seconds / 60:0} min") : Invariant($"{Math.Floor(seconds / 60):0} min {rest:0} s");
    }

    /// <summary>E.g. <c>1 byte</c>, <c>4,096 bytes</c>, <c>64 KiB</c>, <c>20 MiB</c>.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        1 => "1 byte",
        < 16 * 1024 => Invariant($"{bytes:#,0} bytes"),
        < 1024 * 1024 => Invariant($"{bytes / 1024d:0.#} KiB"),
        _ => Invariant($"{bytes / (1024d * 1024):0.#} MiB"),
    };

    public static string Count(long count, string one, string many) => count == 1 ? $"1 {one}" : Invariant($"{count:#,0} {many}");

    /// <summary>E.g. <c>2026-11-23 14:02 UTC</c>.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>E.g. <c>12:03:04 UTC</c>.</summary>
    public static string Clock(DateTimeOffset moment) => moment.UtcDateTime.ToString("HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>The time of day, with its date when that is not today's.</summary>
    public static string Clock(DateTimeOffset moment, DateTimeOffset now) =>
        moment.UtcDateTime.Date == now.UtcDateTime.Date ? Clock(moment) : moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A span as one says it: <c>6 s</c>, <c>2 min 10 s</c>, <c>3 h 5 min</c>, <c>4 days</c>; a clock that was set back counts as no time.</summary>
    public static string Ago(TimeSpan span) => span switch
    {
        { Ticks: <= 0 } => "0 s",
        { TotalMilliseconds: < 999.5 } => Time(span.TotalMilliseconds),
        { TotalSeconds: < 59.5 } => Invariant($"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => Rest(Math.Round(span.TotalSeconds), 60, "min", "s"),
        { TotalHours: < 48 } => Rest(Math.Round(span.TotalMinutes), 60, "h", "min"),
        _ => Count((long)span.TotalDays, "day", "days"),
    };

    private static string Rest(double whole, int each, string large, string small) =>
        whole % each == 0 ? Invariant($"{whole / each:0} {large}") : Invariant($"{Math.Floor(whole / each):0} {large} {whole % each:0} {small}");

    public static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
