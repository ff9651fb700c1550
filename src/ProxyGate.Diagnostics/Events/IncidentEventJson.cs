using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// Writes what is told of incidents: a recovery as a line of the event log (schema <c>proxygate.recovery/1</c>, readable as CLEF), and
/// opened, worsened and recovered as a webhook's body (schema <c>proxygate.incident/1</c>). Every property is always present.
/// </summary>
public static class IncidentEventJson
{
    public const string RecoveryTemplate = "{destination} of route {route} answers again: {cause} for {downtime_ms} ms, {failures} failures";

    private const int MaxWord = 256;
    private const int MaxText = 1024;

    private static readonly JsonWriterOptions LineOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = false };

    /// <summary>The recovery as one line, without a line break at its end.</summary>
    public static string ToLine(RecoveryEvent e)
    {
        ArgumentNullException.ThrowIfNull(e);
        return Encoding.UTF8.GetString(Written(json =>
        {
            json.WriteStartObject();
            json.WriteString("@t", e.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("@l", "Information");
            json.WriteString("@mt", RecoveryTemplate);
            json.WriteString("schema", RecoveryEvent.SchemaName);
            json.WriteString("incident", e.Incident.Id);
            WritePlace(json, e.Incident);
            Time(json, "down_since", e.DownSince);
            Time(json, "last_failure", e.Incident.LastSeen);
            Time(json, "recovered_at", e.Incident.RecoveredAt);
            Milliseconds(json, "downtime_ms", e.Downtime);
            json.WriteNumber("failures", e.Failures);
            WriteTotals(json, e.Incident);
            json.WriteEndObject();
        }));
    }

    /// <summary>The body of a webhook, in UTF-8.</summary>
    /// <param name="delivery">The id of this message, the same in every try.</param>
    public static byte[] ToBody(IncidentEvent e, string delivery)
    {
        ArgumentNullException.ThrowIfNull(e);
        return Written(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", IncidentEvent.SchemaName);
            json.WriteString("delivery", delivery);
            Time(json, "time", e.Time);
            json.WriteString("moment", ContractNames.Of(e.Moment));
            json.WriteString("reason", HostileText.Line(e.Reason, MaxText));
            if (e.OutageDowntime is { } outage) Milliseconds(json, "outage_downtime_ms", outage);
            else json.WriteNull("outage_downtime_ms");
            json.WriteStartObject("incident");
            json.WriteString("id", e.Incident.Id);
            WritePlace(json, e.Incident);
            Time(json, "last_failure", e.Incident.LastSeen);
            Time(json, "recovered_at", e.Incident.RecoveredAt);
            WriteTotals(json, e.Incident);
            json.WriteString("sentence", HostileText.Line(e.Incident.Sentence, MaxText));
            json.WriteString("hint", e.Incident.Hint);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void WritePlace(Utf8JsonWriter json, Incident incident)
    {
        json.WriteString("gateway", HostileText.Line(incident.Gateway, MaxWord));
        json.WriteString("route", HostileText.Line(incident.Route, MaxWord));
        json.WriteString("cluster", HostileText.Line(incident.Cluster, MaxWord));
        json.WriteString("destination", HostileText.Line(incident.Destination, MaxWord));
        json.WriteString("cause", incident.Cause);
    }

    private static void WriteTotals(Utf8JsonWriter json, Incident incident)
    {
        Time(json, "first_seen", incident.FirstSeen);
        Time(json, "last_success", incident.LastSuccess);
        json.WriteNumber("count", incident.Count);
        json.WriteNumber("saved", incident.Saved);
        json.WriteNumber("flaps", incident.Flaps);
        Milliseconds(json, "total_downtime_ms", incident.Downtime);
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, LineOptions)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Milliseconds(Utf8JsonWriter json, string name, TimeSpan duration) => json.WriteNumber(name, (long)duration.TotalMilliseconds);

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at) json.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        else json.WriteNull(name);
    }
}
