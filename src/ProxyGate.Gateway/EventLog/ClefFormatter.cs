using ProxyGate.Diagnostics.Events;
using Serilog.Events;
using Serilog.Formatting;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The failure event as the contract's line.</summary>
internal sealed class ClefFormatter : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output) => output.Write(FailureEventJson.ToLine(FailureProperty.Of(logEvent)));
}
