using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.EventLog;

/// <summary>Standard output, shared by the gateway's own log and the failure events' readable lines, written by one thread.</summary>
internal sealed class ConsoleLog : IAsyncDisposable
{
    public ConsoleLog(TimeProvider clock)
        : this(new ConsoleTarget(), ConsoleStyles.Detect(Environment.GetEnvironmentVariable, Console.IsOutputRedirected), Console.IsOutputRedirected, clock)
    {
    }

    public ConsoleLog(ILineTarget target, ConsoleStyle style, bool redirected, TimeProvider clock)
    {
        Style = style;
        IsRedirected = redirected;
        Writer = new LineWriter(
            target,
            new LineWriterOptions
            {
                MaxWaitingBytes = 1024 * 1024,
                DroppedLine = (dropped, since) =>
                {
                    using var line = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
                    ConsoleStyles.Write(line, style, clock.GetUtcNow(), Serilog.Events.LogEventLevel.Warning,
                        FormattableString.Invariant($"{dropped} lines since {since:u} could not be shown here; standard output was blocked."));
                    return line.ToString();
                },
            },
            clock);
    }

    public ConsoleStyle Style { get; }

    public bool IsRedirected { get; }

    public LineWriter Writer { get; }

    public ValueTask DisposeAsync() => Writer.DisposeAsync();
}
