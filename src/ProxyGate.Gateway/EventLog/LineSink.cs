using System.Text;
using ProxyGate.Gateway.EventLog.Writing;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace ProxyGate.Gateway.EventLog;

/// <summary>A sink that formats on the caller's thread and leaves the writing to a <see cref="LineWriter"/>. The formatter ends no line.</summary>
internal sealed class LineSink(ITextFormatter formatter, LineWriter writer) : ILogEventSink
{
    [ThreadStatic]
    private static StringWriter? _text;

    public void Emit(LogEvent logEvent)
    {
        var text = _text ??= new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        var builder = text.GetStringBuilder();
        builder.Clear();
        try
        {
            formatter.Format(logEvent, text);
        }
        catch
        {
            writer.CountDropped();
            throw; // to the pipeline, which keeps it from the caller and the other sinks
        }

        writer.Write(Encoding.UTF8.GetBytes(builder.ToString()));
        if (builder.Capacity > 64 * 1024) _text = null;
    }
}
