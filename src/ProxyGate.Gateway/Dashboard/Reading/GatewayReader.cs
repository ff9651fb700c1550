using System.Globalization;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Traffic;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>How the gateway itself does: its configuration, its logs, its store, and all of it at a glance.</summary>
internal sealed class GatewayReader(
    ConfigStatus config, IIncidentArchive archive, IncidentTracker tracker, ClustersReader clusters, TrafficMemory traffic, Readiness readiness,
    FailureEventLog events, AccessLog access, TimeProvider clock, WebhookSender webhooks, CertificateStore? certificates = null)
{
    private const int MostOpen = 10;
    private const int MostEnded = 5;
    private const int MostMistakes = 100;
    private static readonly TimeSpan ExpiresSoon = TimeSpan.FromDays(14);

    public ConfigView Config() => new(
        Shown.Line(config.File, 512),
        config.LoadedAt,
        config.Reloads,
        config.LastReloadFailedAt,
        Shown.Lines(config.LastReloadErrors.Select(m => m.ToString()), MostMistakes),
        [new LogView("events", events.Dropped, Shown.Line(events.FileError, 512)), new LogView("access", access.Dropped, Shown.Line(access.FileError, 512))],
        Store(archive.Status));

    public async Task<OverviewView> OverviewAsync(int minutes, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var answers = traffic.Last(minutes);
        var failures = await archive.CountsAsync(new CountQuery { From = answers[0].At, To = now.AddMinutes(1) }, stop);
        var open = await archive.IncidentsAsync(new IncidentFilter { OpenOnly = true, Limit = MostOpen }, stop);
        var all = await archive.IncidentsAsync(new IncidentFilter { Limit = MostOpen + MostEnded }, stop);
        return new OverviewView(
            readiness.State,
            minutes,
            PlotMaker.Requests(answers),
            PlotMaker.Failures(failures, answers[0].At, minutes),
            Math.Max(tracker.OpenCount, open.Items.Count),
            [.. open.Items.Select(IncidentRow.Of)],
            [.. all.Items.Where(i => !i.IsOpen).Take(MostEnded).Select(IncidentRow.Of)],
            clusters.Clusters(),
            [.. Notices(now)]);
    }

    private static StoreView Store(ArchiveStatus status) => new(status.Store, Shown.Line(status.Place, 512), Shown.Line(status.Trouble, 1024), status.SamplesDropped, status.IdsDropped);

    private IEnumerable<Notice> Notices(DateTimeOffset now)
    {
        var said = Config();
        if (said.LastReloadFailedAt is { } refused)
            yield return new Notice("config", true, $"The configuration file was changed and refused {Shown.Ago(now - refused)}; the one before stays in force.", said.LastReloadErrors);
        foreach (var log in said.Logs)
        {
            if (log.Error is { } error) yield return new Notice("log", true, $"The {log.Log} log cannot be written: {error}.", []);
            if (log.Dropped > 0) yield return new Notice("log", true, $"The {log.Log} log has dropped {Shown.Plural(log.Dropped, "line", "lines")} since the start.", []);
        }

        if (said.Store.Trouble is { } trouble) yield return new Notice("store", true, trouble, []);
        if (said.Store.SamplesDropped > 0)
            yield return new Notice("store", false, $"{Shown.Plural(said.Store.SamplesDropped, "failure was", "failures were")} counted but not kept as samples since the start: too many came at once.", []);
        if (said.Store.IdsDropped > 0)
            yield return new Notice("store", false, $"{Shown.Plural(said.Store.IdsDropped, "failure", "failures")} of storms since the start can be found by incident but not by id: too many came at once.", []);
        if (webhooks.GivenUp > 0)
            yield return new Notice("webhook", true, $"{Shown.Plural(webhooks.GivenUp, "message", "messages")} for webhooks could not be delivered since the start: a receiver refused, was away too long, or too many waited for it.", []);
        if (tracker.Dropped > 0) yield return new Notice("incidents", true, $"{Shown.Plural(tracker.Dropped, "failure belongs", "failures belong")} to no incident: too many were open.", []);
        foreach (var (name, notAfter) in certificates?.Expiries ?? [])
        {
            if (notAfter - now > ExpiresSoon) continue;
            var file = Shown.Line(Path.GetFileName(name), 200);
            yield return new Notice("certificate", notAfter <= now, notAfter <= now
                ? $"The certificate {file} expired {Shown.Ago(now - notAfter)}."
                : string.Create(CultureInfo.InvariantCulture, $"The certificate {file} expires in {Shown.Span(notAfter - now)}."), []);
        }
    }
}
