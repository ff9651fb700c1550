namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// A usual root cause for which there is no evidence yet: not a hint, and never stated as one. Shown after the hints, in the order of
/// how often it is the reason.
/// </summary>
/// <param name="Id">The hint's id.</param>
/// <param name="Title">A few words.</param>
/// <param name="TellApart">What would show that it is this one.</param>
/// <param name="Confirm">Shell lines that look and change nothing, with the real values. A line that begins with <c>#</c> is a step for a person.</param>
/// <param name="Fix">Steps and shell lines that mend it. A command that changes the system stands behind a step that says what it changes.</param>
public sealed record Possibility(string Id, string Title, string TellApart, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix);

/// <summary>A usual root cause by name only.</summary>
/// <param name="Id">The hint's id.</param>
/// <param name="Title">A few words.</param>
public readonly record struct OtherReason(string Id, string Title);
