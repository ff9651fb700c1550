using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Output;

/// <summary>Incidents as JSON, one object a line, in the names the admin listener's API uses. Samples and findings are the same objects as their lines in the event log.</summary>
internal static class IncidentJson
{
    private static readonly JsonWriterOptions s_line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(Incident incident) => Written(json => Write(json, incident));

    public static string Of(IncidentWhole whole) => Written(json =>
    {
        json.WriteStartObject();
        json.WritePropertyName("incident");
        Write(json, whole.Incident);
        List(json, "per_minute", whole.Minutes, m =>
        {
            Time(json, "minute", m.Minute);
            json.WriteNumber("count", m.Count);
        });
        List(json, "outages", whole.Outages, o =>
        {
            Time(json, "from", o.From);
            Time(json, "to", o.To);
            json.WriteNumber("failures", o.Failures);
        });
        Write(json, "paths", whole.Paths);
        Write(json, "clients", whole.Clients);
        List(json, "samples", [.. whole.Last.Concat(whole.Between.Reverse()).Concat(whole.First.Reverse())], e => Write(json, e));
        json.WriteNumber("not_kept", whole.NotKept);
        json.WritePropertyName("sample");
        if (whole.Sample is { } sample) FailureEventJson.Write(json, sample);
        else json.WriteNullValue();
        json.WriteStartArray("findings");
        foreach (var finding in whole.Findings) FindingEventJson.Write(json, finding);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, Incident i)
    {
        json.WriteStartObject();
        json.WriteString("id", i.Id);
        json.WriteString("gateway", i.Gateway);
        json.WriteString("route", i.Route);
        json.WriteString("cluster", i.Cluster);
        json.WriteString("destination", i.Destination);
        json.WriteString("cause", i.Cause);
        json.WriteString("status", i.Status switch { IncidentStatus.Open => "open", IncidentStatus.Recovered => "recovered", _ => "quiet" });
        Time(json, "first_seen", i.FirstSeen);
        Time(json, "last_seen", i.LastSeen);
        json.WriteNumber("count", i.Count);
        json.WriteNumber("saved", i.Saved);
        Time(json, "last_success", i.LastSuccess);
        Time(json, "recovered_at", i.RecoveredAt);
        json.WriteNumber("downtime_seconds", Math.Round(i.Downtime.TotalSeconds, 3));
        json.WriteNumber("flaps", i.Flaps);
        Time(json, "worsened_at", i.WorsenedAt);
        json.WriteString("sentence", i.Sentence);
        json.WriteString("hint", i.Hint);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FailureEntry e)
    {
        json.WriteString("id", e.Id);
        Time(json, "time", e.Time);
        json.WriteString("stage", e.Stage);
        json.WriteString("party", e.Party);
        json.WriteNumber("status", e.Status);
        json.WriteBoolean("saved", e.Saved);
        json.WriteNumber("occurrences", e.Occurrences);
        json.WriteString("method", e.Method);
        json.WriteString("host", e.Host);
        json.WriteString("path", e.Path);
        json.WriteString("client", e.Client);
        json.WriteNumber("duration_ms", Math.Round(e.DurationMs, 3));
        json.WriteString("sentence", e.Sentence);
        json.WriteString("hint", e.Hint);
    }

    private static void Write(Utf8JsonWriter json, string name, Affected affected)
    {
        json.WriteStartObject(name);
        List(json, "known", affected.Known, n =>
        {
            json.WriteString("name", n.Name);
            json.WriteNumber("count", n.Count);
        });
        json.WriteNumber("others", affected.Others);
        json.WriteEndObject();
    }

    private static void List<T>(Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Written(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, s_line)) write(json);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } at) json.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        else json.WriteNull(name);
    }
}
