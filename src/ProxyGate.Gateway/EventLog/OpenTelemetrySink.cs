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
        var e = FailureProperty.Of(logEvent);
        var failure = e.Diagnosis.Failure;
        var level = logEvent.Level == LogEventLevel.Warning ? LogLevel.Warning : LogLevel.Error;
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
