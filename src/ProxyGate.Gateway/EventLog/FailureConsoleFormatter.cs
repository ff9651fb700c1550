using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using Serilog.Events;
using Serilog.Formatting;

namespace ProxyGate.Gateway.EventLog;

/// <summary>One line a person can read: status, cause, request, destination, the sentence, the id to look it up by.</summary>
internal sealed class FailureConsoleFormatter(ConsoleStyle style) : ITextFormatter
{
    private const int MaxWord = 120;

    public void Format(LogEvent logEvent, TextWriter output) =>
        ConsoleStyles.Write(output, style, logEvent.Timestamp, logEvent.Level, FailureProperty.Of(logEvent) switch
        {
            FindingEvent finding => Line(finding),
            RecoveryEvent recovery => Line(recovery),
            var failure => Line((FailureEvent)failure),
        });

    internal static string Line(FindingEvent e)
    {
        var look = e.Diagnosis.Investigation!;
        return string.Create(CultureInfo.InvariantCulture,
            $"looked at {Short(look.Destination)} ({Short(look.Address)}) after {e.Cause.Id}: {HostileText.Line(FindingEventJson.Headline(e), 600)} [{e.FailureId}]");
    }

    internal static string Line(RecoveryEvent e)
    {
        var to = e.Incident.Destination is { } destination ? $" -> {Short(destination)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"recovered from {e.Incident.Cause}: route {Short(e.Incident.Route ?? "none")}{to} answers again after {e.Downtime.TotalSeconds:0.#} s and {e.Failures} failed requests [{e.Incident.Id}]");
    }

    internal static string Line(FailureEvent e)
    {
        var failure = e.Diagnosis.Failure;
        var attempt = failure.Attempt ?? (e.Attempts.Count > 0 ? e.Attempts[^1] : null);
        var to = attempt is null ? "" : $" -> {Short(attempt.Destination)}{At(attempt)}";
        var saved = e.Saved ? ", saved by a later attempt" : "";
        var alike = e.Occurrences > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({e.Occurrences} alike)") : "";
        // Cleaned piece by piece: one long name must not push the rest off the line.
        return string.Create(CultureInfo.InvariantCulture,
            $"{e.Status} {failure.Cause.Id}{saved}{alike}: {Short(e.Request.Method)} {Short(e.Request.Host)}{Short(e.Request.Path)}{to}: {HostileText.Line(e.Diagnosis.Sentence, 600)}{Known(e)} [{e.Id}]");
    }

    /// <summary>Who was sent nowhere has no look of his own that would be told in a line of its own: what is known from before stands here.</summary>
    private static string Known(FailureEvent e) =>
        e.Diagnosis is { Failure.Cause.Id: CauseId.CircuitOpen, Hints: [{ Confidence: not Confidence.Possible } hint, ..] } ? " " + HostileText.Line(hint.Sentence, 300) : "";

    private static string At(AttemptFacts attempt)
    {
        var address = attempt.Address ?? (attempt.AddressesTried.Count > 0 ? attempt.AddressesTried[^1].Address : null);
        return address is null ? "" : $" ({Short(address)})";
    }

    private static string Short(string text) => HostileText.Line(text, MaxWord);
}
