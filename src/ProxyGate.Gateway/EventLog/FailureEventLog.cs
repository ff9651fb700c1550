using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog.Writing;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using ILogger = Microsoft.Extensions.Logging.ILogger;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// Writes every failure event: as the contract's line to the file, as a readable line to standard output, as a log record to
/// OpenTelemetry. Each sink stands alone: one that is full, blocked or broken costs neither the request nor the others anything.
/// </summary>
internal sealed class FailureEventLog : IAsyncDisposable
{
    private static readonly MessageTemplate Template = new MessageTemplateParser().Parse(FailureEventJson.MessageTemplate);

    private static readonly MessageTemplate FindingTemplate = new MessageTemplateParser().Parse(FindingEventJson.MessageTemplate);

    private static readonly MessageTemplate RecoveryTemplate = new MessageTemplateParser().Parse(IncidentEventJson.RecoveryTemplate);

    private readonly LineWriter? _file;
    private readonly LineWriter? _console;
    private readonly OpenTelemetrySink? _openTelemetry;
    private readonly Logger _pipeline;

    public FailureEventLog(IGatewaySettingsSource settings, ConsoleLog console, ILoggerFactory loggers, TimeProvider clock)
        : this(
            settings.Current.Events,
            settings.Current.Events.File is { } file
                ? new RollingFile(file, settings.Current.Events.MaxFileBytes, settings.Current.Events.MaxFiles)
                : null,
            console,
            settings.Current.OpenTelemetry.Endpoint is null ? null : loggers.CreateLogger(OpenTelemetrySink.Category),
            loggers.CreateLogger<FailureEventLog>(),
            clock)
    {
    }

    internal FailureEventLog(EventSettings settings, ILineTarget? file, ConsoleLog console, ILogger? openTelemetry, ILogger log, TimeProvider clock)
    {
        // Serilog isolates its sinks from each other and from the caller; what a sink throws goes to its SelfLog.
        var pipeline = new LoggerConfiguration().MinimumLevel.Verbose();
        if (file is not null)
        {
            _file = new LineWriter(file, FileOptions(log, clock), clock);
            pipeline.WriteTo.Sink(new LineSink(new ClefFormatter(), _file));
        }

        if (ConsoleStyles.ShowsFailures(settings.Console, console.Style, console.IsRedirected))
        {
            _console = console.Writer;
            pipeline.WriteTo.Sink(new LineSink(new FailureConsoleFormatter(console.Style), _console));
        }

        if (openTelemetry is not null) pipeline.WriteTo.Sink(_openTelemetry = new OpenTelemetrySink(openTelemetry));
        _pipeline = pipeline.CreateLogger();
    }

    /// <summary>Events that did not reach the file.</summary>
    public long Dropped => _file?.Dropped ?? 0;

    /// <summary>Why the file cannot be written; absent while it can.</summary>
    public string? FileError => _file?.Error;

    /// <summary>Never waits and never throws.</summary>
    public void Write(FailureEvent e)
    {
        var level = FailureEventJson.IsWarning(e) ? LogEventLevel.Warning : LogEventLevel.Error;
        _pipeline.Write(new LogEvent(e.Time, level, null, Template, [FailureProperty.For(e)]));
    }

    /// <summary>What a look after a failure found: an event beside the failures.</summary>
    public void Write(FindingEvent e) =>
        _pipeline.Write(new LogEvent(e.Time, LogEventLevel.Information, null, FindingTemplate, [FailureProperty.For(e)]));

    /// <summary>The end of an outage: an event beside the failures.</summary>
    public void Write(RecoveryEvent e) =>
        _pipeline.Write(new LogEvent(e.Time, LogEventLevel.Information, null, RecoveryTemplate, [FailureProperty.For(e)]));

    /// <summary>Word of an incident, for OpenTelemetry only: the file has its failures and its recovery.</summary>
    public void Tell(IncidentEvent e) => _openTelemetry?.Emit(e);

    public async ValueTask DisposeAsync()
    {
        await _pipeline.DisposeAsync();
        if (_file is not null) await _file.DisposeAsync();
    }

    private static LineWriterOptions FileOptions(ILogger log, TimeProvider clock) => new()
    {
        DroppedLine = (dropped, since) => DroppedLine(dropped, since, clock.GetUtcNow()),
        Complain = trouble => Complain(log, "failure events", trouble),
    };

    internal static void Complain(ILogger log, string what, LineWriterTrouble trouble)
    {
        if (trouble.Error is { } error)
        {
            log.LogWarning("The {What} cannot be written to {File}: {Error}. They are kept until it works again, as far as memory is set aside; dropped so far: {Dropped}.",
                what, trouble.Target, error, trouble.Dropped);
        }
        else
        {
            log.LogWarning("The {What} are written to {File} again; dropped since the start: {Dropped}.", what, trouble.Target, trouble.Dropped);
        }
    }

    /// <summary>The line of <c>proxygate.dropped/1</c>.</summary>
    internal static string DroppedLine(long dropped, DateTimeOffset since, DateTimeOffset now)
    {
        const string Stamp = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("@t", now.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture));
            json.WriteString("@l", "Warning");
            json.WriteString("@mt", "{dropped} events since {since} could not be written");
            json.WriteString("schema", "proxygate.dropped/1");
            json.WriteNumber("dropped", dropped);
            json.WriteString("since", since.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
