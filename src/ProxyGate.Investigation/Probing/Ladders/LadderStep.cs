namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>One step of looking at a destination, as it was taken.</summary>
/// <param name="Rung">Which.</param>
/// <param name="Subject">What it was taken on: a name, an address, a path.</param>
/// <param name="Result">How it went.</param>
/// <param name="DurationMs">How long it took; 0 for a step that was left out, and for one that only tells what was read on the way.</param>
/// <param name="Seen">What was seen, a short sentence each, the most telling first. May hold hostile text.</param>
public sealed record LadderStep(Rung Rung, string Subject, StepResult Result, double DurationMs, IReadOnlyList<string> Seen)
{
    /// <summary>What a person would type to see the same, a shell line each with the real values.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>What mends it, a line; absent for a step that went well and where the verdict says more.</summary>
    public string? Fix { get; init; }
}

/// <summary>The steps, from the name to the app's host.</summary>
public enum Rung
{
    Name,
    Tcp,
    Tls,
    Http,
    Health,
    /// <summary>Who listens there on this machine.</summary>
    Listener,
    /// <summary>The connections that wait to be accepted.</summary>
    Queue,
    /// <summary>The systemd unit, container or pod it runs in.</summary>
    Service,
    /// <summary>How the process that was there ended.</summary>
    End,
}

public enum StepResult
{
    Passed,
    /// <summary>It works, but somebody should look at it.</summary>
    Warned,
    Failed,
    /// <summary>There was nothing to stand on, or nothing to do.</summary>
    LeftOut,
}
