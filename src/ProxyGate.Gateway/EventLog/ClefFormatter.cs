using ProxyGate.Diagnostics.Events;
using Serilog.Events;
using Serilog.Formatting;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The failure event, finding or recovery as the contract's line.</summary>
internal sealed class ClefFormatter : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output) => output.Write(FailureProperty.Of(logEvent) switch
    {
        FindingEvent finding => FindingEventJson.ToLine(finding),
        RecoveryEvent recovery => IncidentEventJson.ToLine(recovery),
        var failure => FailureEventJson.ToLine((FailureEvent)failure),
    });
}
