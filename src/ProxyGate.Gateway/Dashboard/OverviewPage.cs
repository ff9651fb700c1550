using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard;

/// <summary>The admin listener's page: configuration, open incidents, last failures. Without script; everything shown is escaped.</summary>
internal sealed class OverviewPage(
    ConfigStatus config, IncidentTracker incidents, IIncidentArchive archive, FailureEventLog events, AccessLog access, Readiness readiness, TimeProvider clock)
{
    private const int ShownFailures = 50;
    private const int ShownIncidents = 50;

    private const string Head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>ProxyGate</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
        code { font-size: .9em; } .bad { color: #c33; font-weight: 600; } .quiet { opacity: .75; } .wide { overflow-x: auto; }
        </style>
        </head>
        <body>
        <h1>ProxyGate</h1>

        """;

    public async Task WriteAsync(HttpContext context)
    {
        var html = new StringBuilder(Head, 16 * 1024);
        Configuration(html);
        Clusters(html);
        Incidents(html);
        Failures(html, (await archive.FailuresAsync(new FailureFilter { Limit = ShownFailures }, context.RequestAborted)).Items);
        html.Append("<p class=\"quiet\">As JSON: <a href=\"/api/failures\">failures</a>, <a href=\"/api/incidents\">incidents</a>, <a href=\"/api/config\">configuration</a>, <a href=\"/readyz\">readiness</a>; <a href=\"/metrics\">metrics</a>; <a href=\"/api/openapi.json\">OpenAPI</a>.</p>\n</body>\n</html>\n");
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(html.ToString(), context.RequestAborted);
    }

    private void Configuration(StringBuilder html)
    {
        html.Append("<h2>Configuration</h2>\n");
        html.Append(CultureInfo.InvariantCulture, $"<p>{Text(config.File ?? "from the command line")}, loaded {Time(config.LoadedAt)}. The gateway is {readiness.State}.</p>\n");
        if (config.LastReloadFailedAt is { } at)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\">The file was changed and refused {Time(at)}; the configuration above stays in force:</p>\n<ul>\n");
            foreach (var mistake in config.LastReloadErrors.Take(20)) html.Append(CultureInfo.InvariantCulture, $"<li>{Text(mistake.ToString(), 1024)}</li>\n");
            html.Append("</ul>\n");
        }

        Trouble(html, "event log", events.Dropped, events.FileError);
        Trouble(html, "access log", access.Dropped, access.FileError);
    }

    private static void Trouble(StringBuilder html, string log, long dropped, string? error)
    {
        if (error is not null) html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\">The {log} cannot be written: {Text(error, 512)}.</p>\n");
        if (dropped > 0) html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\">The {log} has dropped {dropped} lines since the start.</p>\n");
    }

    private void Clusters(StringBuilder html)
    {
        var clusters = readiness.Clusters();
        if (clusters.Count == 0) return;
        html.Append("<h2>Clusters</h2>\n<ul>\n");
        foreach (var cluster in clusters)
            html.Append(CultureInfo.InvariantCulture, $"<li{(cluster.IsReady ? "" : " class=\"bad\"")}><code>{Text(cluster.Cluster)}</code>: {Text(cluster.Reason, 1024)}</li>\n");
        html.Append("</ul>\n");
    }

    private void Incidents(StringBuilder html)
    {
        var open = incidents.Snapshot().Where(i => i.IsOpen).ToList();
        html.Append("<h2>Open incidents</h2>\n");
        if (open.Count == 0)
        {
            html.Append("<p>None.</p>\n");
            return;
        }

        html.Append("<div class=\"wide\"><table>\n<tr><th>Cause</th><th>Route</th><th>Destination</th><th>Failures</th><th>First seen</th><th>Last seen</th><th>Last success</th><th>Incident</th></tr>\n");
        foreach (var i in open.Take(ShownIncidents))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td><code>{Text(i.Cause)}</code></td><td>{Text(i.Route ?? "-")}</td><td>{Text(i.Destination ?? "-")}</td><td>{i.Count}</td><td>{Time(i.FirstSeen)}</td><td>{Time(i.LastSeen)}</td><td>{(i.LastSuccess is { } good ? Time(good) : "none since the start")}</td><td><code>{Text(i.Id)}</code></td></tr>\n");
        }

        html.Append("</table></div>\n");
        if (open.Count > ShownIncidents) html.Append(CultureInfo.InvariantCulture, $"<p>And {open.Count - ShownIncidents} more.</p>\n");
        if (incidents.Dropped > 0) html.Append(CultureInfo.InvariantCulture, $"<p class=\"bad\">{incidents.Dropped} further incidents were not kept.</p>\n");
    }

    private void Failures(StringBuilder html, IReadOnlyList<FailureEntry> last)
    {
        html.Append("<h2>Last failures</h2>\n");
        if (last.Count == 0)
        {
            html.Append("<p>None since the start.</p>\n");
            return;
        }

        html.Append("<div class=\"wide\"><table>\n<tr><th>Time</th><th>Id</th><th>Status</th><th>Cause</th><th>Request</th><th>What happened</th></tr>\n");
        foreach (var e in last)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<tr><td>{Time(e.Time)}</td><td><a href=\"/api/failures/{Text(e.Id)}\"><code>{Text(e.Id)}</code></a></td><td>{e.Status}</td><td><code>{Text(e.Cause)}</code>{(e.Saved ? " (saved)" : "")}</td><td>{Text(e.Method, 32)} {Text(e.Host)}{Text(e.Path)}</td><td>{Text(e.Sentence, 600)}</td></tr>\n");
        }

        html.Append("</table></div>\n");
    }

    private string Time(DateTimeOffset time)
    {
        var ago = clock.GetUtcNow() - time;
        var words = ago < TimeSpan.FromMinutes(1) ? $"{Math.Max(0, (int)ago.TotalSeconds)} s ago"
            : ago < TimeSpan.FromHours(1) ? $"{(int)ago.TotalMinutes} min ago"
            : ago < TimeSpan.FromDays(2) ? $"{(int)ago.TotalHours} h ago"
            : $"{(int)ago.TotalDays} days ago";
        return $"<time datetime=\"{time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}\" title=\"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC\">{words}</time>";
    }

    private static string Text(string text, int limit = 200) => WebUtility.HtmlEncode(HostileText.Line(text, limit));
}
