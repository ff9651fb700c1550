using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// Writes a failure event as the contract's JSON object (schema <c>proxygate.failure/1</c>), readable as CLEF. Every property of the
/// contract is always present, null where nothing was seen; only <c>@tr</c> and <c>@sp</c> are left out without a trace, as CLEF has it.
/// Behind them stands what is known beyond the contract: <c>context</c>.
/// Hostile text goes through <see cref="HostileText"/>, so that the decoded values are harmless too.
/// </summary>
public static class FailureEventJson
{
    /// <summary>The same for every event, so that log servers can group by it.</summary>
    public const string MessageTemplate =
        "Request {id} failed: {cause} at stage {stage} ({party}), destination {destination} of cluster {cluster}, status {status}";

    private const int MaxWord = 256;
    private const int MaxPath = 2048;
    private const int MaxText = 1024;
    private const int MaxHints = 16;
    private const int MaxHintLines = 24;
    private const int MaxUnhealthy = 32;

    /// <summary>
    /// The relaxed encoder leaves quotes and brackets of commands and messages greppable. It is safe here because the lines are never
    /// embedded in HTML, and what it would let through (format characters) has been made visible before.
    /// </summary>
    private static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false };

    /// <summary>The event as one line, without a line break at its end.</summary>
    public static string ToLine(FailureEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, LineOptions)) Write(writer, e);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        var failure = e.Diagnosis.Failure;
        var decisive = failure.Attempt ?? (e.Attempts.Count > 0 ? e.Attempts[^1] : null);

        writer.WriteStartObject();
        writer.WriteString("@t", e.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("@l", Level(e));
        writer.WriteString("@mt", MessageTemplate);
        if (e.TraceId is not null) writer.WriteString("@tr", HostileText.Line(e.TraceId, 64));
        if (e.SpanId is not null) writer.WriteString("@sp", HostileText.Line(e.SpanId, 64));
        writer.WriteString("schema", FailureEvent.SchemaName);
        writer.WriteString("id", e.Id);
        writer.WriteString("incident", e.Incident);
        writer.WriteString("route", HostileText.Line(e.Request.Route, MaxWord));
        writer.WriteString("cluster", HostileText.Line(e.Request.Cluster, MaxWord));
        writer.WriteString("destination", HostileText.Line(decisive?.Destination ?? e.Request.OpenCircuit?.Destination, MaxWord));
        writer.WriteString("cause", failure.Cause.Id);
        writer.WriteString("stage", ContractNames.Of(failure.Stage));
        writer.WriteString("party", ContractNames.Of(failure.Party));
        writer.WriteNumber("status", e.Status);
        AttemptJson.Number(writer, "upstream_status", decisive?.UpstreamStatus);
        writer.WriteString("proxy_status", failure.Cause.ProxyError.Length > 0 ? failure.Cause.ProxyError : null);
        writer.WriteBoolean("retryable", failure.Cause.Retryable);
        writer.WriteBoolean("saved", e.Saved);
        writer.WriteNumber("occurrences", e.Occurrences);
        WriteClient(writer, e);
        AttemptJson.Milliseconds(writer, "duration_ms", e.Request.DurationMs);
        WriteAttempts(writer, e);
        WriteHints(writer, e);
        writer.WriteString("nginx_message", HostileText.Line(e.Diagnosis.NginxMessage, 2 * MaxText));
        WriteUnhealthy(writer, e);
        WriteFlow(writer, e);
        ContextJson.Write(writer, e.Diagnosis.Context);
        writer.WriteEndObject();
    }

    /// <summary>Writes the property <c>unhealthy</c> with its array into the object being written.</summary>
    public static void WriteUnhealthy(Utf8JsonWriter writer, FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        writer.WriteStartArray("unhealthy");
        foreach (var destination in e.Request.Unhealthy.Take(MaxUnhealthy))
        {
            writer.WriteStartObject();
            writer.WriteString("destination", HostileText.Line(destination.Destination, MaxWord));
            writer.WriteString("url", HostileText.Line(destination.Url, MaxWord));
            writer.WriteString("cause", HostileText.Line(destination.Cause, MaxWord));
            writer.WriteString("reason", HostileText.Line(destination.Words, MaxText));
            AttemptJson.Milliseconds(writer, "for_ms", destination.ForMs);
            writer.WriteString("by", destination.ByRequests ? "requests" : "check");
            AttemptJson.Number(writer, "status", destination.Status);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes the property <c>attempts</c> with its array into the object being written.</summary>
    public static void WriteAttempts(Utf8JsonWriter writer, FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        WriteAttempts(writer, e.Attempts, e.Diagnosis.Failure.AttemptCauses);
    }

    /// <inheritdoc cref="WriteAttempts(Utf8JsonWriter, FailureEvent)"/>
    public static void WriteAttempts(Utf8JsonWriter writer, IReadOnlyList<AttemptFacts> attempts, IReadOnlyList<Causes.Cause?> causes)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(attempts);
        ArgumentNullException.ThrowIfNull(causes);
        writer.WriteStartArray("attempts");
        for (var i = 0; i < attempts.Count; i++)
            AttemptJson.Write(writer, attempts[i], i < causes.Count ? causes[i]?.Id : null);
        writer.WriteEndArray();
    }

    /// <summary>Writes <c>not_retried</c>, why there was no further attempt, and <c>open_circuit</c>, what had come before a request that was turned away.</summary>
    public static void WriteFlow(Utf8JsonWriter writer, FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        writer.WriteString("not_retried", e.Request.TriedNoMore == TriedNoMore.None ? null : ContractNames.Of(e.Request.TriedNoMore));
        if (e.Request.OpenCircuit is not { } circuit)
        {
            writer.WriteNull("open_circuit");
            return;
        }

        writer.WriteStartObject("open_circuit");
        writer.WriteString("destination", HostileText.Line(circuit.Destination, MaxWord));
        writer.WriteString("cause", circuit.Cause);
        writer.WriteString("incident", HostileText.Line(circuit.Incident, MaxWord));
        writer.WriteString("failure", HostileText.Line(circuit.FailureId, MaxWord));
        Moment(writer, "since", circuit.Since);
        writer.WriteNumber("destinations", circuit.Destinations);
        var before = e.Diagnosis.Context?.Before.FirstOrDefault(b => b.Destination == circuit.Destination);
        writer.WriteString("reason", HostileText.Line(before?.Sentence, MaxText));
        Moment(writer, "failed_at", before?.At);
        Moment(writer, "looked_at", before?.LookedAt);
        AttemptJson.Milliseconds(writer, "retry_in_ms", circuit.RetryInMs);
        writer.WriteEndObject();
    }

    /// <summary>Writes the property <c>hints</c> with its array into the object being written.</summary>
    public static void WriteHints(Utf8JsonWriter writer, FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        WriteHints(writer, e.Diagnosis.Hints);
    }

    /// <inheritdoc cref="WriteHints(Utf8JsonWriter, FailureEvent)"/>
    public static void WriteHints(Utf8JsonWriter writer, IReadOnlyList<Hint> hints)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(hints);
        writer.WriteStartArray("hints");
        foreach (var hint in hints.Take(MaxHints)) WriteHint(writer, hint);
        writer.WriteEndArray();
    }

    internal static void WriteHint(Utf8JsonWriter writer, Hint hint)
    {
        writer.WriteStartObject();
        writer.WriteString("id", hint.Id);
        writer.WriteString("confidence", ContractNames.Of(hint.Confidence));
        writer.WriteString("sentence", HostileText.Line(hint.Sentence, MaxText));
        WriteLines(writer, "evidence", hint.Evidence);
        WriteLines(writer, "try", hint.Fix.Count == 0 ? hint.Try : [.. hint.Try, .. hint.Fix]);
        writer.WriteEndObject();
    }

    /// <summary>
    /// <c>Warning</c> where nobody was failed by the gateway or what is behind it: a later attempt saved the request, the client is the
    /// one at fault, or the answer is a 4xx (no such route, a limit, a policy). <c>Error</c> otherwise, also for an answer that broke off
    /// after a good status.
    /// </summary>
    public static bool IsWarning(FailureEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.Saved || e.Diagnosis.Failure.Party == Party.Client || e.Status is >= 400 and <= 499;
    }

    internal static string Level(FailureEvent e) => IsWarning(e) ? "Warning" : "Error";

    private static void WriteClient(Utf8JsonWriter writer, FailureEvent e)
    {
        writer.WriteStartObject("client");
        writer.WriteString("address", HostileText.Line(e.ClientAddress, MaxWord));
        writer.WriteString("method", HostileText.Line(e.Request.Method, 64));
        writer.WriteString("host", HostileText.Line(e.Request.Host, MaxWord));
        writer.WriteString("path", HostileText.Line(WithoutQuery(e.Request.Path), MaxPath));
        writer.WriteString("protocol", HostileText.Line(e.Request.Protocol, 32));
        writer.WriteNumber("request_bytes", e.Request.RequestBytes);
        writer.WriteEndObject();
    }

    /// <summary>The facts promise a path without a query; the log is where a broken promise would leak, so it is cut here again.</summary>
    private static string WithoutQuery(string path) => path.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? path[..at] : path;

    private static void Moment(Utf8JsonWriter writer, string name, DateTimeOffset? at) =>
        writer.WriteString(name, at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));

    private static void WriteLines(Utf8JsonWriter writer, string name, IReadOnlyList<string> lines)
    {
        writer.WriteStartArray(name);
        foreach (var line in lines.Take(MaxHintLines)) writer.WriteStringValue(HostileText.Line(line, MaxText));
        writer.WriteEndArray();
    }
}
