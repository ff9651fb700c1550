using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>The app's port in the hands of another program than the one that answered there while all was well.</summary>
internal static class TakenFound
{
    public static IEnumerable<Hint> Of(Look look)
    {
        if (!look.Replaced || look.Restarted || look.Facts is not { ProcessBefore: { } before, Process: { } now }) yield break;
        if (!DeathFound.Fits(look.Cause) && look.Cause is not (CauseId.ResponseNotHttp or CauseId.ResponseHeadMalformed or CauseId.ResponseTimeout
            or CauseId.TlsToPlainHttpPort or CauseId.PlainHttpToTlsPort or CauseId.TlsHandshakeTimeout or CauseId.HttpVersionMismatch)) yield break;
        var isOther = before.Name != now.Name;
        yield return Found(
            "port_taken",
            isOther ? Confidence.Proved : Confidence.Likely,
            isOther
                ? $"Another program holds the app's port: at {look.Where} now is {Look.Who(now)}; while all was well it was {Look.Who(before)}."
                : $"Another program, or another version of the app, listens at {look.Where} now: {Look.Who(now)} in the place of process {Amounts.Invariant($"{before.Pid}")}.",
            [
                $"The listener at {look.Where} was {Look.Who(before)} while all was well{Command(before.CommandLine)} and is {Look.Who(now)} now{Command(now.CommandLine)}",
            ],
            [Listeners(look), Process(now)],
            [Step($"If that is not the app, let one of the two use another port, and start the app again. It was started as: {Seen.Short(before.CommandLine ?? before.Name)}")]);
    }

    private static string Command(string? line) => line is null ? "" : $" ({Seen.Short(line)})";
}
