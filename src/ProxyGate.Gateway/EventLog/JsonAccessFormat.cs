using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>The access log as JSON lines, named as the failure event names the same things; what is absent is left out.</summary>
internal static class JsonAccessFormat
{
    private const int MaxWord = 256;
    private const int MaxTarget = 4096;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static void Append(IBufferWriter<byte> line, in AccessRecord record)
    {
        var json = _writer ??= new Utf8JsonWriter(Stream.Null, Options);
        json.Reset(line);
        json.WriteStartObject();
        json.WriteString("time", record.Time.UtcDateTime);
        Span<byte> client = stackalloc byte[64];
        if (record.Client is { } address && address.TryFormat(client, out var length)) json.WriteString("client", client[..length]);
        else json.WriteString("client", "unix:"u8);
        Optional(json, "user", record.User, MaxWord);
        json.WriteString("method", HostileText.Line(record.Method, 64));
        Optional(json, "host", record.Host, MaxWord);
        json.WriteString("target", HostileText.Line(QueryValues.Redact(record.Target), MaxTarget));
        json.WriteString("protocol", HostileText.Line(record.Protocol, 32));
        json.WriteNumber("status", record.Status);
        json.WriteNumber("bytes_sent", record.BytesSent);
        json.WriteNumber("duration_ms", Math.Round(record.DurationMs, 3));
        Optional(json, "referrer", record.Referrer is { } referrer ? QueryValues.RedactUrl(referrer) : null, 1024);
        Optional(json, "user_agent", record.UserAgent, 1024);
        Optional(json, "route", record.Route, MaxWord);
        Optional(json, "cluster", record.Cluster, MaxWord);
        Optional(json, "destination", record.Destination, MaxWord);
        if (record.UpstreamStatus is { } upstream) json.WriteNumber("upstream_status", upstream);
        Optional(json, "cause", record.Cause, MaxWord);
        Optional(json, "failure", record.FailureId, MaxWord);
        Optional(json, "trace", record.TraceId, 64);
        json.WriteEndObject();
        json.Flush();
    }

    private static void Optional(Utf8JsonWriter json, string name, string? value, int limit)
    {
        if (!string.IsNullOrEmpty(value)) json.WriteString(name, HostileText.Line(value, limit));
    }
}
