using System.Globalization;
using ProxyGate.Diagnostics.Events;
using Serilog.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>How a line looks on standard output.</summary>
internal enum ConsoleStyle
{
    /// <summary>A file or pipe: with the time.</summary>
    Plain,
    /// <summary>A terminal: with the time, and colour for the level.</summary>
    Terminal,
    /// <summary>journald: a priority (sd-daemon(3)) instead of level and time, which the journal keeps itself.</summary>
    Journal,
}

internal static class ConsoleStyles
{
    /// <summary>What standard output is. <paramref name="environment"/> gives environment variables.</summary>
    public static ConsoleStyle Detect(Func<string, string?> environment, bool redirected)
    {
        if (!redirected) return string.IsNullOrEmpty(environment("NO_COLOR")) ? ConsoleStyle.Terminal : ConsoleStyle.Plain;
        return string.IsNullOrEmpty(environment("JOURNAL_STREAM")) ? ConsoleStyle.Plain : ConsoleStyle.Journal;
    }

    /// <summary>Whether failure events are shown on standard output when the configuration does not say: when a person, or the journal, reads it.</summary>
    public static bool ShowsFailures(bool? configured, ConsoleStyle style, bool redirected) =>
        configured ?? (!redirected || style == ConsoleStyle.Journal);

    /// <summary>
    /// Writes a message as lines no hostile text in it can forge: each is cleaned, and every line but the first is set in. The last is not ended.
    /// </summary>
    public static void Write(TextWriter output, ConsoleStyle style, DateTimeOffset time, LogEventLevel level, string message)
    {
        var first = true;
        foreach (var raw in message.AsSpan().TrimEnd().EnumerateLines())
        {
            if (!first) output.Write('\n');
            var line = HostileText.Line(raw.ToString(), 4096);
            switch (style)
            {
                case ConsoleStyle.Journal:
                    output.Write(Priority(level));
                    break;
                case ConsoleStyle.Terminal:
                    output.Write(time.ToLocalTime().ToString("HH:mm:ss ", CultureInfo.InvariantCulture));
                    output.Write(Colour(level));
                    output.Write(Word(level));
                    output.Write("\x1b[0m ");
                    break;
                default:
                    output.Write(time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
                    output.Write(Word(level));
                    output.Write(' ');
                    break;
            }

            if (!first) output.Write("    ");
            output.Write(line);
            first = false;
        }
    }

    private static string Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => "<2>",
        LogEventLevel.Error => "<3>",
        LogEventLevel.Warning => "<4>",
        LogEventLevel.Information => "<6>",
        _ => "<7>",
    };

    private static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal => "FATAL",
        LogEventLevel.Error => "ERROR",
        LogEventLevel.Warning => "WARN ",
        LogEventLevel.Information => "info ",
        _ => "debug",
    };

    private static string Colour(LogEventLevel level) => level switch
    {
        LogEventLevel.Fatal or LogEventLevel.Error => "\x1b[31m",
        LogEventLevel.Warning => "\x1b[33m",
        _ => "\x1b[2m",
    };
}
