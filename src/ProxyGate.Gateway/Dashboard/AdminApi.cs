using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>What the dashboard shows, as JSON. A failure is the same object as its line in the event log.</summary>
internal sealed class AdminApi(ConfigStatus config, IncidentTracker incidents, IIncidentArchive archive, FailureEventLog events, AccessLog access)
{
    public async Task FailuresAsync(HttpContext context)
    {
        var limit = int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var asked) ? asked : ArchivePage.Usual;
        var cause = context.Request.Query["cause"].ToString();
        var page = await archive.FailuresAsync(new FailureFilter { Cause = cause.Length == 0 ? null : cause, Limit = limit }, context.RequestAborted);
        var events = new List<FailureEvent>();
        foreach (var entry in page.Items)
        {
            if (await archive.FailureAsync(entry.Id, context.RequestAborted) is { Event: { } e }) events.Add(e);
        }

        await WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("failures");
            foreach (var e in events) FailureEventJson.Write(json, e);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task FailureAsync(HttpContext context, string typed)
    {
        var found = FailureId.TryParse(typed, out var id) ? (await archive.FailureAsync(id, context.RequestAborted))?.Event : null;
        await (found is null
            ? NotFoundAsync(context, "That failure was not kept; look for it in the event log.")
            : WriteAsync(context, StatusCodes.Status200OK, json => FailureEventJson.Write(json, found)));
    }

    public async Task IncidentsAsync(HttpContext context)
    {
        var page = await archive.IncidentsAsync(new IncidentFilter { Limit = ArchivePage.Largest }, context.RequestAborted);
        await WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("open", incidents.OpenCount);
            json.WriteNumber("dropped", incidents.Dropped);
            json.WriteStartArray("incidents");
            foreach (var incident in page.Items) Write(json, incident);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public Task ConfigAsync(HttpContext context) => WriteAsync(context, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("file", config.File);
        json.WriteString("loaded_at", config.LoadedAt.UtcDateTime);
        json.WriteNumber("reloads", config.Reloads);
        if (config.LastReloadFailedAt is { } at) json.WriteString("last_reload_failed_at", at.UtcDateTime);
        else json.WriteNull("last_reload_failed_at");
        json.WriteStartArray("last_reload_errors");
        foreach (var mistake in config.LastReloadErrors.Take(100)) json.WriteStringValue(HostileText.Line(mistake.ToString(), 1024));
        json.WriteEndArray();
        json.WriteStartArray("logs");
        Log(json, "events", events.Dropped, events.FileError);
        Log(json, "access", access.Dropped, access.FileError);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static async Task OpenApiAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var document = Assembly.GetExecutingAssembly().GetManifestResourceStream("admin.openapi.json")
            ?? throw new InvalidOperationException("The OpenAPI document is missing from the assembly.");
        await document.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public static Task NotFoundAsync(HttpContext context, string detail) => WriteAsync(context, StatusCodes.Status404NotFound, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("status", StatusCodes.Status404NotFound);
        json.WriteString("title", "Not found");
        json.WriteString("detail", detail);
        json.WriteEndObject();
    });

    public static async Task WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        await using (var json = new Utf8JsonWriter(buffer)) write(json);
        context.Response.StatusCode = status;
        context.Response.ContentType = status >= 400 && status != StatusCodes.Status503ServiceUnavailable
            ? "application/problem+json; charset=utf-8"
            : "application/json; charset=utf-8";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, Incident incident)
    {
        json.WriteStartObject();
        json.WriteString("id", incident.Id);
        json.WriteString("gateway", HostileText.Line(incident.Gateway, 256));
        json.WriteString("route", HostileText.Line(incident.Route, 256));
        json.WriteString("destination", HostileText.Line(incident.Destination, 256));
        json.WriteString("cause", incident.Cause);
        json.WriteNumber("count", incident.Count);
        json.WriteString("first_seen", incident.FirstSeen.UtcDateTime);
        json.WriteString("last_seen", incident.LastSeen.UtcDateTime);
        Time(json, "last_success", incident.LastSuccess);
        Time(json, "recovered_at", incident.RecoveredAt);
        json.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? at)
    {
        if (at is { } time) json.WriteString(name, time.UtcDateTime);
        else json.WriteNull(name);
    }

    private static void Log(Utf8JsonWriter json, string name, long dropped, string? error)
    {
        json.WriteStartObject();
        json.WriteString("log", name);
        json.WriteNumber("dropped", dropped);
        json.WriteString("error", HostileText.Line(error, 512));
        json.WriteEndObject();
    }
}
