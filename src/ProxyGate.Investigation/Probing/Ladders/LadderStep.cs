namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>One step of looking at a destination, as it was taken.</summary>
/// <param name="Rung">Which.</param>
/// <param name="Subject">What it was taken on: a name, an address, a path.</param>
/// <param name="Result">How it went.</param>
/// <param name="DurationMs">How long it took; 0 for a step that was left out.</param>
/// <param name="Seen">What was seen, a short sentence each, the most telling first. May hold hostile text.</param>
public sealed record LadderStep(Rung Rung, string Subject, StepResult Result, double DurationMs, IReadOnlyList<string> Seen);

/// <summary>The steps, from the name to the app.</summary>
public enum Rung
{
    Name,
    Tcp,
    Tls,
    Http,
    Health,
}

public enum StepResult
{
    Passed,
    /// <summary>It works, but somebody should look at it.</summary>
    Warned,
    Failed,
    /// <summary>There was nothing to stand on.</summary>
    LeftOut,
}
