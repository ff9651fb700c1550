using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>Incidents, as screens and API show them.</summary>
internal sealed class IncidentsReader(IIncidentArchive archive, IncidentTracker tracker, IncidentLooks looks)
{
    private const int MostNames = 20;

    public async Task<IncidentsView> ListAsync(Asked asked, CancellationToken stop)
    {
        var filter = asked.Incidents();
        var page = await archive.IncidentsAsync(filter, stop);
        return new IncidentsView(tracker.OpenCount, tracker.Dropped, Asked.Words(filter), [.. page.Items.Select(IncidentRow.Of)], page.Next);
    }

    public async Task<IncidentView?> OneAsync(string id, CancellationToken stop)
    {
        if (await archive.IncidentAsync(id, stop) is not { } whole) return null;
        return new IncidentView(
            IncidentRow.Of(whole.Incident),
            [.. whole.Minutes.Select(m => new MinutePoint(m.Minute, m.Count))],
            [.. whole.Outages.Select(o => new OutageSpan(o.From, o.To))],
            Names(whole.Paths),
            Names(whole.Clients),
            Timeline.Of(whole),
            [.. whole.Last.Concat(whole.Between.Reverse()).Concat(whole.First.Reverse()).DistinctBy(f => f.Id).Select(FailureRow.Of)],
            whole.NotKept,
            whole.Sample,
            whole.Findings,
            looks.Find(id));
    }

    private static AffectedNames Names(Affected affected) =>
        new([.. affected.Known.Take(MostNames).Select(n => new AffectedName(Shown.Line(n.Name, 512), n.Count))], affected.Others + affected.Known.Skip(MostNames).Sum(n => n.Count));
}
