using Serilog.Events;
using Serilog.Formatting;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The gateway's own log: the message, and the exception below it when there is one.</summary>
internal sealed class ApplicationFormatter(ConsoleStyle style) : ITextFormatter
{
    public void Format(LogEvent logEvent, TextWriter output)
    {
        var message = logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture);
        if (logEvent.Exception is { } exception) message = $"{message}\n{exception}";
        ConsoleStyles.Write(output, style, logEvent.Timestamp, logEvent.Level, message);
    }
}
