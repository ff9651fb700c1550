using System.Globalization;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>A service as <c>systemctl show</c> tells it (org.freedesktop.systemd1(5)).</summary>
internal sealed record UnitSeen
{
    public required string Unit { get; init; }

    /// <summary><c>active</c>, <c>activating</c> (also while it waits to be restarted), <c>failed</c>, <c>inactive</c>.</summary>
    public required string ActiveState { get; init; }

    public string? SubState { get; init; }

    /// <summary><c>success</c>, <c>oom-kill</c>, <c>signal</c>, <c>core-dump</c>, <c>exit-code</c>, <c>timeout</c>, <c>watchdog</c>, <c>start-limit-hit</c>.</summary>
    public string? Result { get; init; }

    public int? ExitCode { get; init; }

    public int? Signal { get; init; }

    public int? Restarts { get; init; }

    public int? MainPid { get; init; }

    public long? MemoryLimit { get; init; }

    public DateTimeOffset? ExitedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The line of the journal in which systemd tells the end of the process that the properties no longer hold.</summary>
    public string? EndLine { get; init; }

    public IReadOnlyList<string> LogLines { get; init; } = [];

    /// <summary>Whether it says that a main process ended other than as wanted.</summary>
    public bool TellsAnEnd => OomKilled || Signal is not null || ExitCode is > 0 || Result is not (null or "success") || (ActiveState is "inactive" or "failed" && ExitedAt is not null);

    public bool OomKilled => Result == "oom-kill";

    public string Detail => EndLine ?? $"{Unit}: {ActiveState}{(SubState is null ? "" : $" ({SubState})")}, Result={Result}";

    private const string NoTime = "0";

    /// <summary>The properties asked for; times are in microseconds of the monotonic clock, which needs no knowledge of languages and zones.</summary>
    public static readonly string Properties = string.Join(',',
    [
        "LoadState", "ActiveState", "SubState", "Result", "ExecMainPID", "ExecMainCode", "ExecMainStatus", "NRestarts", "MemoryMax", "MemoryLimit",
        "ExecMainExitTimestampMonotonic", "ExecMainStartTimestampMonotonic",
    ]);

    /// <summary>Reads <c>Name=value</c> lines; absent when systemd does not know the unit. Properties an older systemd lacks stay absent.</summary>
    /// <param name="unit">The unit asked for.</param>
    /// <param name="output">What was printed.</param>
    /// <param name="monotonicZero">The wall time at which the monotonic clock was zero.</param>
    public static UnitSeen? Parse(string unit, string output, DateTimeOffset monotonicZero)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n'))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) properties[line[..equals]] = line[(equals + 1)..].Trim();
        }

        if (!properties.TryGetValue("ActiveState", out var active) || properties.GetValueOrDefault("LoadState") is "not-found") return null;

        // CLD_EXITED, CLD_KILLED, CLD_DUMPED of waitid(2); 0 while the process runs.
        var code = Number(properties, "ExecMainCode");
        var status = (int?)Number(properties, "ExecMainStatus");
        return new UnitSeen
        {
            Unit = unit,
            ActiveState = active,
            SubState = properties.GetValueOrDefault("SubState"),
            Result = properties.GetValueOrDefault("Result"),
            ExitCode = code == 1 ? status : null,
            Signal = code is 2 or 3 ? status : null,
            Restarts = (int?)Number(properties, "NRestarts"),
            MainPid = Number(properties, "ExecMainPID") is > 0 and var pid ? (int)pid : null,
            MemoryLimit = Bytes(properties, "MemoryMax") ?? Bytes(properties, "MemoryLimit"),
            ExitedAt = Moment(properties, "ExecMainExitTimestampMonotonic", monotonicZero),
            StartedAt = Moment(properties, "ExecMainStartTimestampMonotonic", monotonicZero),
        };
    }

    private static long? Number(Dictionary<string, string> properties, string name) =>
        properties.TryGetValue(name, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>"infinity", or the largest number there is, stands for no limit.</summary>
    private static long? Bytes(Dictionary<string, string> properties, string name) =>
        properties.TryGetValue(name, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes is > 0 and < 1L << 60 ? bytes : null;

    private static DateTimeOffset? Moment(Dictionary<string, string> properties, string name, DateTimeOffset zero) =>
        properties.TryGetValue(name, out var text) && text != NoTime && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var micros) && micros < 1L << 52
            ? zero + TimeSpan.FromMicroseconds(micros)
            : null;
}
