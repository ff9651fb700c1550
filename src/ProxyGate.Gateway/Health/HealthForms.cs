using System.Globalization;
using System.Text.Json;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Health;

/// <summary>A destination's health as JSON and as a line of text. Operators only.</summary>
internal static class HealthForms
{
    private const int MaxWord = 256;
    private const int MaxText = 600;

    public static string State(HealthState state) => state switch
    {
        HealthState.Healthy => "healthy",
        HealthState.Unhealthy => "unhealthy",
        _ => "unknown",
    };

    public static void Write(Utf8JsonWriter json, DestinationReport report)
    {
        json.WriteStartObject();
        json.WriteString("destination", HostileText.Line(report.Destination, MaxWord));
        json.WriteString("address", HostileText.Line(report.Address, MaxWord));
        json.WriteString("state", State(report.State));
        json.WriteBoolean("available", report.Available);
        Time(json, "since", report.Since);
        json.WriteString("cause", report.Reason?.Cause);
        json.WriteString("reason", HostileText.Line(report.Reason?.Words, MaxText));
        json.WriteString("by", report.Reason is null ? null : report.ByRequests ? "requests" : "check");
        Time(json, "reason_seen", report.Reason?.At);
        Time(json, "last_check", report.LastProbe);
        if (report.LastProbeMs is { } ms) json.WriteNumber("last_check_ms", Math.Round(ms, 1));
        else json.WriteNull("last_check_ms");
        json.WriteString("last_check_failed_with", report.LastFailure?.Cause);
        json.WriteNumber("good_checks_needed", report.GoodChecksNeeded);
        json.WriteNumber("share", Math.Round(report.Share, 2));
        json.WriteEndObject();
    }

    /// <summary>E.g. <c>app2 (connect_refused)</c>.</summary>
    public static string Short(DestinationReport report) => $"{report.Destination} ({report.Reason?.Cause ?? State(report.State)})";

    /// <summary>E.g. <c>app2 (http://10.0.0.6:8080) unhealthy for 2m5s, connect_refused: 10.0.0.6:8080 refused the connection.</c></summary>
    public static string Line(DestinationReport report, DateTimeOffset now)
    {
        var since = report.Since is { } at ? $" for {Span(now - at)}" : "";
        var why = report.Reason is { } reason ? $", {reason.Cause}: {reason.Words}" : report.Share < 1 ? string.Create(CultureInfo.InvariantCulture, $", slow start at {report.Share:P0} of its share") : "";
        return HostileText.Line($"{report.Destination} ({report.Address}) {State(report.State)}{since}{(report is { Available: true, State: HealthState.Unhealthy } ? ", used all the same" : "")}{why}", MaxText);
    }

    private static string Span(TimeSpan span) => span.TotalSeconds < 1 ? "0s" : Configuration.Durations.Write(TimeSpan.FromSeconds(Math.Floor(span.TotalSeconds)));

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at) json.WriteString(name, at.UtcDateTime);
        else json.WriteNull(name);
    }
}
