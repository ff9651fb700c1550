using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProxyGate.Diagnostics.Events;

/// <summary>Writes a finding as one JSON object (schema <c>proxygate.finding/1</c>), readable as CLEF, beside the failure events and by the same rules.</summary>
public static class FindingEventJson
{
    public const string MessageTemplate = "Looked at {destination} after {cause}: {finding}";

    private const int MaxWord = 256;
    private const int MaxText = 1024;
    private const int MaxFindings = 48;

    private static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false };

    /// <summary>The event as one line, without a line break at its end.</summary>
    public static string ToLine(FindingEvent e)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, LineOptions)) Write(writer, e);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(Utf8JsonWriter writer, FindingEvent e)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(e);
        var facts = e.Diagnosis.Investigation ?? throw new ArgumentException("A finding has a look behind it.", nameof(e));
        writer.WriteStartObject();
        writer.WriteString("@t", e.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
        writer.WriteString("@l", "Information");
        writer.WriteString("@mt", MessageTemplate);
        writer.WriteString("schema", FindingEvent.SchemaName);
        writer.WriteString("incident", e.Incident);
        writer.WriteString("failure", e.FailureId);
        writer.WriteString("route", HostileText.Line(e.Route, MaxWord));
        writer.WriteString("cluster", HostileText.Line(e.Cluster, MaxWord));
        writer.WriteString("destination", HostileText.Line(facts.Destination, MaxWord));
        writer.WriteString("address", HostileText.Line(facts.Address, MaxWord));
        writer.WriteString("cause", e.Cause.Id);
        writer.WriteString("refined_cause", e.Diagnosis.Failure.Cause.Id == e.Cause.Id ? null : e.Diagnosis.Failure.Cause.Id);
        AttemptJson.Milliseconds(writer, "duration_ms", facts.DurationMs);
        writer.WriteString("finding", HostileText.Line(Headline(e), MaxText));
        writer.WriteStartArray("findings");
        foreach (var line in e.Diagnosis.Findings.Take(MaxFindings)) writer.WriteStringValue(HostileText.Line(line, MaxText));
        writer.WriteEndArray();
        writer.WriteStartArray("hints");
        foreach (var hint in e.Diagnosis.Hints) FailureEventJson.WriteHint(writer, hint);
        writer.WriteEndArray();
        writer.WritePropertyName("facts");
        InvestigationJson.Write(writer, facts);
        writer.WriteStartArray("not_seen");
        foreach (var blind in facts.NotSeen.Take(MaxFindings))
        {
            writer.WriteStartObject();
            writer.WriteString("what", HostileText.Line(blind.What, MaxText));
            writer.WriteString("why", HostileText.Line(blind.Why, MaxText));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The root cause when one was found, else the most telling thing seen.</summary>
    public static string Headline(FindingEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return e.Diagnosis.Hints.Count > 0 ? e.Diagnosis.Hints[0].Sentence
            : e.Diagnosis.Findings.Count > 0 ? e.Diagnosis.Findings[0]
            : "Nothing out of the ordinary was seen.";
    }
}
