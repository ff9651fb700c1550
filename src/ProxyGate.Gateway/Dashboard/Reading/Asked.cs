using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>What a query asks for. What cannot be read is taken as not asked.</summary>
internal readonly record struct Asked(IQueryCollection Query)
{
    private const int MaxText = 256;

    /// <summary>As long a time the overview can show, in minutes, by its name in the query.</summary>
    public static readonly (string Name, int Minutes)[] Spans = [("1h", 60), ("6h", 6 * 60), ("24h", 24 * 60)];

    public static Asked Of(HttpContext context) => new(context.Request.Query);

    public int Minutes
    {
        get
        {
            var span = Text("span");
            return Spans.FirstOrDefault(s => s.Name == span) is { Minutes: > 0 and var minutes } ? minutes : Spans[0].Minutes;
        }
    }

    public string? Text(string name)
    {
        var text = Query[name].ToString().Trim();
        return text.Length == 0 ? null : text.Length > MaxText ? text[..MaxText] : text;
    }

    public IncidentFilter Incidents() => new()
    {
        OpenOnly = Flag("open"),
        Cause = Text("cause"),
        Route = Text("route"),
        Destination = Text("destination"),
        Limit = Limit(),
        Cursor = Query["cursor"],
    };

    public FailureFilter Failures() => new()
    {
        Cause = Text("cause"),
        Party = Text("party"),
        Route = Text("route"),
        Destination = Text("destination"),
        Incident = Text("incident"),
        From = Time("from"),
        To = Time("to"),
        Text = Text("text"),
        Limit = Limit(),
        Cursor = Query["cursor"],
    };

    public static IncidentsAsked Words(IncidentFilter f) => new(f.OpenOnly, Shown.Line(f.Cause), Shown.Line(f.Route), Shown.Line(f.Destination));

    public static FailuresAsked Words(FailureFilter f) => new(
        Shown.Line(f.Cause), Shown.Line(f.Party), Shown.Line(f.Route), Shown.Line(f.Destination), Shown.Line(f.Incident), f.From, f.To, Shown.Line(f.Text));

    private bool Flag(string name) => Text(name) is "true" or "1" or "on";

    private int Limit() => int.TryParse(Text("limit"), CultureInfo.InvariantCulture, out var limit) ? Math.Clamp(limit, 1, ArchivePage.Largest) : ArchivePage.Usual;

    /// <summary>As a browser's field gives it (2026-11-30T02:10) or as RFC 3339 has it; UTC where it says nothing.</summary>
    private DateTimeOffset? Time(string name) =>
        DateTimeOffset.TryParse(Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
}
