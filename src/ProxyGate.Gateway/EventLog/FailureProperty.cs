using ProxyGate.Diagnostics.Events;
using Serilog.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>How a failure event, a finding or a recovery travels through the logging pipeline: whole, as one property, because its line is the contract's and not a formatter's.</summary>
internal static class FailureProperty
{
    private const string Name = "Failure";

    public static LogEventProperty For(FailureEvent e) => new(Name, new ScalarValue(e));

    public static LogEventProperty For(RecoveryEvent e) => new(Name, new ScalarValue(e));

    public static LogEventProperty For(FindingEvent e) => new(Name, new ScalarValue(e));

    /// <summary>A <see cref="FailureEvent"/>, a <see cref="FindingEvent"/> or a <see cref="RecoveryEvent"/>.</summary>
    public static object Of(LogEvent logEvent) => ((ScalarValue)logEvent.Properties[Name]).Value!;
}
