using System.Buffers;
using System.Text;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.EventLog;

/// <summary>One line for each request, gathered and written off the request path.</summary>
internal sealed class AccessLog : IAsyncDisposable
{
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);

    private readonly LineWriter? _writer;
    private readonly bool _combined;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _json;

    [ThreadStatic]
    private static StringBuilder? _text;

    public AccessLog(IGatewaySettingsSource settings, ILogger<AccessLog> log, TimeProvider clock)
        : this(
            settings.Current.AccessLog,
            settings.Current.AccessLog.File is { } file
                ? new RollingFile(file, settings.Current.AccessLog.MaxFileBytes, settings.Current.AccessLog.MaxFiles)
                : null,
            log,
            clock)
    {
    }

    internal AccessLog(AccessLogSettings settings, ILineTarget? target, ILogger log, TimeProvider clock)
    {
        _combined = string.Equals(settings.Format, "combined", StringComparison.OrdinalIgnoreCase);
        if (target is null) return;
        _writer = new LineWriter(
            target,
            new LineWriterOptions
            {
                Gather = Gather,
                // combined has no line that could say it; the gateway's own log does for both.
                DroppedLine = _combined ? null : (dropped, since) => FailureEventLog.DroppedLine(dropped, since, clock.GetUtcNow()),
                Complain = trouble => FailureEventLog.Complain(log, "access log's lines", trouble),
            },
            clock);
    }

    /// <summary>Whether a record is wanted at all; without one, nothing need be gathered.</summary>
    public bool IsEnabled => _writer is not null;

    public long Dropped => _writer?.Dropped ?? 0;

    public string? FileError => _writer?.Error;

    /// <summary>Never waits.</summary>
    public void Write(in AccessRecord record)
    {
        if (_writer is null) return;
        if (_combined) WriteCombined(record);
        else WriteJson(record);
    }

    public ValueTask DisposeAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void WriteJson(in AccessRecord record)
    {
        var line = _json ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        JsonAccessFormat.Append(line, record);
        _writer!.Write(line.WrittenSpan);
    }

    private void WriteCombined(in AccessRecord record)
    {
        var text = _text ??= new StringBuilder(1024);
        text.Clear();
        CombinedFormat.Append(text, record);
        var line = _json ??= new ArrayBufferWriter<byte>(1024);
        line.ResetWrittenCount();
        foreach (var chunk in text.GetChunks()) Encoding.UTF8.GetBytes(chunk.Span, line); // ASCII: no pair is torn
        _writer!.Write(line.WrittenSpan);
    }
}
