namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>What a person does about a root cause, with the values of this failure.</summary>
/// <param name="Confirm">Lines that look and change nothing: they tell whether it is this one.</param>
/// <param name="Fix">Lines that mend it. A command that changes the system stands behind a step made with <see cref="Shell.Change"/>.</param>
internal sealed record Remedy(Func<Seen, IEnumerable<string>> Confirm, Func<Seen, IEnumerable<string>> Fix);
