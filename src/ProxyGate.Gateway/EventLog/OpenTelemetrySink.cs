using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Events;
using Serilog.Core;
using Serilog.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// Hands failure events to the OpenTelemetry log provider, with the properties people alert on; the whole line is in the file. The
/// category is switched off for the console, which has a form of its own.
/// </summary>
internal sealed class OpenTelemetrySink(ILogger logger) : ILogEventSink
{
    public const string Category = "ProxyGate.Failures";

    public void Emit(LogEvent logEvent)
    {
        if (FailureProperty.Of(logEvent) is FailureEvent failure) Emit(failure, logEvent.Level);
        else if (FailureProperty.Of(logEvent) is FindingEvent finding) Emit(finding);
    }

    /// <summary>An incident opened, grew worse or recovered.</summary>
    public void Emit(IncidentEvent e)
    {
        var level = e.Moment == IncidentMoment.Recovered ? LogLevel.Information : LogLevel.Error;
        if (!logger.IsEnabled(level)) return;
        KeyValuePair<string, object?>[] state =
        [
            new("moment", ContractNames.Of(e.Moment)),
            new("incident", e.Incident.Id),
            new("gateway", e.Incident.Gateway),
            new("cause", e.Incident.Cause),
            new("route", e.Incident.Route),
            new("cluster", e.Incident.Cluster),
            new("destination", e.Incident.Destination),
            new("count", e.Incident.Count),
            new("saved", e.Incident.Saved),
            new("flaps", e.Incident.Flaps),
            new("downtime_ms", (long)(e.OutageDowntime ?? e.Incident.Downtime).TotalMilliseconds),
            new("hint", e.Incident.Hint),
            new("reason", e.Reason),
            new("{OriginalFormat}", "Incident {incident} {moment}: {cause} at {destination} of route {route}, {count} failures"),
        ];
        logger.Log(level, new EventId(3, "Incident"), state, null, (_, _) => HostileText.Line(
            $"Incident {e.Incident.Id} {ContractNames.Of(e.Moment)}: {e.Incident.Cause} at {e.Incident.Destination ?? "no destination"} of route {e.Incident.Route ?? "none"}. {e.Reason}", 1024));
    }

    private void Emit(FindingEvent e)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        KeyValuePair<string, object?>[] state =
        [
            new("incident", e.Incident),
            new("failure", e.FailureId),
            new("cause", e.Cause.Id),
            new("refined_cause", e.Diagnosis.Failure.Cause.Id),
            new("hint", e.Diagnosis.Hints.Count > 0 ? e.Diagnosis.Hints[0].Id : null),
            new("route", e.Route),
            new("cluster", e.Cluster),
            new("destination", e.Diagnosis.Investigation!.Destination),
            new("finding", FindingEventJson.Headline(e)),
            new("{OriginalFormat}", FindingEventJson.MessageTemplate),
        ];
        logger.Log(LogLevel.Information, new EventId(2, "LookedInto"), state, null, (_, _) => FailureConsoleFormatter.Line(e));
    }

    private void Emit(FailureEvent e, LogEventLevel eventLevel)
    {
        var failure = e.Diagnosis.Failure;
        var level = eventLevel == LogEventLevel.Warning ? LogLevel.Warning : LogLevel.Error;
        if (!logger.IsEnabled(level)) return;
        KeyValuePair<string, object?>[] state =
        [
            new("id", e.Id),
            new("incident", e.Incident),
            new("cause", failure.Cause.Id),
            new("stage", ContractNames.Of(failure.Stage)),
            new("party", ContractNames.Of(failure.Party)),
            new("status", e.Status),
            new("route", e.Request.Route),
            new("cluster", e.Request.Cluster),
            new("destination", failure.Attempt?.Destination),
            new("saved", e.Saved),
            new("occurrences", e.Occurrences),
            new("{OriginalFormat}", FailureEventJson.MessageTemplate),
        ];
        logger.Log(level, new EventId(1, "RequestFailed"), state, null, (_, _) => FailureConsoleFormatter.Line(e));
    }
}
