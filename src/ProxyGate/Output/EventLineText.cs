using System.Globalization;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Output;

/// <summary>A failure event as a line for people. The log is a file others may have written to: everything in it is cleaned again.</summary>
internal static class EventLineText
{
    public static string Of(FailureEventLine e)
    {
        var time = e.Time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? new string(' ', 20);
        var to = e.Destination is null ? "" : $" -> {Clean(e.Destination)}{(e.Address is null ? "" : $" ({Clean(e.Address)})")}";
        var notes = string.Concat(
            e.Saved ? ", saved" : "",
            e.Attempts > 1 ? string.Create(CultureInfo.InvariantCulture, $", {e.Attempts} attempts") : "",
            e.Occurrences > 1 ? string.Create(CultureInfo.InvariantCulture, $", {e.Occurrences} alike") : "",
            e.Hint is null ? "" : $", perhaps {Clean(e.Hint)}");
        var took = e.DurationMs is { } ms ? string.Create(CultureInfo.InvariantCulture, $" {ms:0.#} ms") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{time} {Clean(e.Id)} {e.Status} {Clean(e.Cause)}{notes}: {Clean(e.Method)} {Clean(e.Host)}{Clean(e.Path)}{to}{took}");
    }

    private static string Clean(string text) => HostileText.Line(text, 160);
}
