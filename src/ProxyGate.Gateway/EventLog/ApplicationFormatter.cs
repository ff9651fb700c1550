using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The gateway's own log: the message, and the exception below it when there is one.</summary>
internal sealed class ApplicationFormatter(ConsoleStyle style) : ITextFormatter
{
    /// <summary>Strings as they are, without quotes.</summary>
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}\n{Exception}", CultureInfo.InvariantCulture);

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, text);
        ConsoleStyles.Write(output, style, logEvent.Timestamp, logEvent.Level, text.ToString());
    }
}
