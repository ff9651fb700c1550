namespace ProxyGate.Gateway.EventLog.Writing;

/// <summary>How a <see cref="LineWriter"/> behaves.</summary>
internal sealed record LineWriterOptions
{
    /// <summary>Bytes that may wait for a slow or failing target; what comes on top is dropped and counted.</summary>
    public int MaxWaitingBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long lines may wait to be written together. Zero: written as they come.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.Zero;

    /// <summary>The first pause after a failure; doubled up to <see cref="LongestPause"/> while the target keeps failing.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long disposing waits for what is still to be written.</summary>
    public TimeSpan CloseLimit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The line (without line feed) that tells, in the target itself, how much was dropped since when; absent: none is written.</summary>
    public Func<long, DateTimeOffset, string>? DroppedLine { get; init; }

    /// <summary>Told when the target begins to fail, while it keeps failing (not more often than <see cref="ComplainEvery"/>), and when it works again.</summary>
    public Action<LineWriterTrouble>? Complain { get; init; }

    public TimeSpan ComplainEvery { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>The state of a target that failed.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Dropped">All that was dropped since the start.</param>
/// <param name="Error">What went wrong last; absent when it works again or was only too slow.</param>
internal sealed record LineWriterTrouble(string Target, long Dropped, string? Error);
