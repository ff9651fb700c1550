using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The part of <see cref="SettingsBinder"/> that keeps traffic flowing.</summary>
internal static class ResilienceBinder
{
    public static RetrySettings Retries(SettingsBinder.Section section, RetrySettings defaults) => new()
    {
        Attempts = section.Whole("Attempts", defaults.Attempts),
        BudgetPercent = section.OptionalWhole("BudgetPercent", defaults.BudgetPercent),
        BudgetPerSecond = section.Whole("BudgetPerSecond", defaults.BudgetPerSecond),
        BodyBuffer = (int)(section.Size("BodyBuffer", defaults.BodyBuffer) ?? defaults.BodyBuffer),
        Backoff = section.Duration("Backoff", defaults.Backoff),
        MaxBackoff = section.Duration("MaxBackoff", defaults.MaxBackoff),
        SameDestination = section.Flag("SameDestination", defaults.SameDestination),
        OnStatus = Statuses(section, defaults.OnStatus),
    };

    public static CircuitBreakerSettings CircuitBreaker(SettingsBinder.Section section, CircuitBreakerSettings defaults) => new()
    {
        Enabled = section.Flag("Enabled", defaults.Enabled),
        FailurePercent = section.Whole("FailurePercent", defaults.FailurePercent),
        MinimumFailures = section.Whole("MinimumFailures", defaults.MinimumFailures),
        Window = section.Duration("Window", defaults.Window),
        Break = section.Duration("Break", defaults.Break),
        OnStatus = Statuses(section, defaults.OnStatus),
    };

    public static ConcurrencySettings Concurrency(SettingsBinder.Section section, ConcurrencySettings defaults) => new()
    {
        MaxPerDestination = section.OptionalWhole("MaxPerDestination", defaults.MaxPerDestination),
        Queue = section.Whole("Queue", defaults.Queue),
        QueueTime = section.Duration("QueueTime", defaults.QueueTime),
        QueueTarget = section.Duration("QueueTarget", defaults.QueueTarget),
    };

    public static OverloadSettings Overload(SettingsBinder.Section section, OverloadSettings defaults) => new()
    {
        MaxRequests = section.OptionalWhole("MaxRequests", defaults.MaxRequests),
    };

    private static IReadOnlyList<int> Statuses(SettingsBinder.Section section, IReadOnlyList<int> absent) =>
        section.Strings("OnStatus") is not { } given ? absent
        : [.. given.Where(s => int.TryParse(s, CultureInfo.InvariantCulture, out _)).Select(s => int.Parse(s, CultureInfo.InvariantCulture))];
}
