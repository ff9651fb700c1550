using System.Globalization;
using System.Text.RegularExpressions;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Durations as people write them: <c>500ms</c>, <c>2s</c>, <c>3.5s</c>, <c>1m30s</c>, <c>1h</c>, <c>1d</c> or <c>00:00:02</c>.</summary>
internal static partial class Durations
{
    public const string Pattern = @"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$|^([0-9]+\.)?[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,7})?)?$";

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        // A bare number is refused: TimeSpan reads "5" as five days, which nobody means.
        if (text.Contains(':', StringComparison.Ordinal))
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero;
        if (!Whole().IsMatch(text))
            return false;
        var seconds = 0d;
        foreach (Match part in Part().Matches(text))
            seconds += double.Parse(part.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * SecondsIn(part.Groups[2].Value);
        if (seconds > TimeSpan.MaxValue.TotalSeconds / 2)
            return false;
        duration = TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    /// <summary>The right spelling of a duration written otherwise: <c>30</c>, <c>30 sec</c>, <c>5 minutes</c>.</summary>
    public static string? Suggest(string text)
    {
        var match = Loose().Match(text);
        if (!match.Success)
            return null;
        var unit = match.Groups[2].Value.ToUpperInvariant() switch
        {
            "" => "s",
            "MS" or "MSEC" or "MSECS" or "MILLIS" or "MILLISECOND" or "MILLISECONDS" => "ms",
            "S" or "SEC" or "SECS" or "SECOND" or "SECONDS" => "s",
            "M" or "MIN" or "MINS" or "MINUTE" or "MINUTES" => "m",
            "H" or "HR" or "HRS" or "HOUR" or "HOURS" => "h",
            "D" or "DAY" or "DAYS" => "d",
            _ => null,
        };
        return unit is null ? null : $"\"{match.Groups[1].Value}{unit}\"";
    }

    /// <summary>The shortest spelling, for messages.</summary>
    public static string Write(TimeSpan duration) => duration switch
    {
        { Ticks: 0 } => "0s",
        { TotalSeconds: < 1 } => duration.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture) + "ms",
        { TotalDays: >= 1 } when duration.Ticks % TimeSpan.TicksPerDay == 0 => duration.TotalDays.ToString("0", CultureInfo.InvariantCulture) + "d",
        { TotalHours: >= 1 } when duration.Ticks % TimeSpan.TicksPerHour == 0 => duration.TotalHours.ToString("0", CultureInfo.InvariantCulture) + "h",
        { TotalMinutes: >= 1 } when duration.Ticks % TimeSpan.TicksPerMinute == 0 => duration.TotalMinutes.ToString("0", CultureInfo.InvariantCulture) + "m",
        _ => duration.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + "s",
    };

    private static double SecondsIn(string unit) => unit switch
    {
        "ms" => 0.001,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 86400,
    };

    [GeneratedRegex(@"\A([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", RegexOptions.CultureInvariant)]
    private static partial Regex Part();

    [GeneratedRegex(@"\A\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Loose();
}
