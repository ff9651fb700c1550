using System.Globalization;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Commands;

/// <summary>The value of <c>--since</c>: a time that has passed (1h, 30m, 2d), or a moment.</summary>
internal static class Since
{
    public static bool TryParse(string text, TimeProvider clock, out DateTimeOffset since)
    {
        if (Durations.TryParse(text, out var ago))
        {
            var now = clock.GetUtcNow();
            since = now - DateTimeOffset.MinValue > ago ? now - ago : DateTimeOffset.MinValue;
            return true;
        }

        // A bare number would pass for a date (a year, a month); nobody means it.
        since = default;
        return text.Contains('-', StringComparison.Ordinal)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out since);
    }
}
