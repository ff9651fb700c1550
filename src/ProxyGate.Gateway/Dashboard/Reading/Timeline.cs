using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>What happened when around an incident, oldest first: good answers, failures, what changed, what ended, what was looked at.</summary>
internal static class Timeline
{
    private const int MostOutages = 10;
    private const int MostChanges = 24;

    public static IReadOnlyList<TimelineEntry> Of(IncidentWhole whole)
    {
        var incident = whole.Incident;
        var entries = new List<TimelineEntry>();
        if (incident.LastSuccess is { } good) entries.Add(new TimelineEntry(good, "good", "The last good answer before it."));
        foreach (var (outage, i) in whole.Outages.Select((o, i) => (o, i)).TakeLast(MostOutages))
        {
            entries.Add(new TimelineEntry(outage.From, "bad", i == 0 ? "The first failure." : "It fails again."));
            if (outage.To is { } to) entries.Add(new TimelineEntry(to, "good", $"A good answer, after {Shown.Span(to - outage.From)}."));
        }

        if (whole.Outages.Count == 0) entries.Add(new TimelineEntry(incident.FirstSeen, "bad", "The first failure."));
        if (incident.WorsenedAt is { } worse) entries.Add(new TimelineEntry(worse, "bad", "It grew worse."));
        if (incident.LastSeen > incident.FirstSeen) entries.Add(new TimelineEntry(incident.LastSeen, "bad", incident.IsOpen ? "The last failure so far." : "The last failure."));
        if (incident.Status == IncidentStatus.Quiet) entries.Add(new TimelineEntry(incident.LastSeen, "look", "Nothing more was heard of it: it may have mended, or no request goes there."));
        var before = "";
        foreach (var finding in whole.Findings.Reverse())
        {
            var headline = FindingEventJson.Headline(finding);
            entries.AddRange(Seen(finding, headline == before ? "Looked again: the same." : "Looked at it: " + Shown.Line(headline, 600)));
            before = headline;
        }

        return [.. entries.DistinctBy(e => (e.At, e.Text)).OrderBy(e => e.At)];
    }

    private static IEnumerable<TimelineEntry> Seen(FindingEvent finding, string text)
    {
        yield return new TimelineEntry(finding.Time, "look", text);
        if (finding.Diagnosis.Investigation is not { } look) yield break;
        foreach (var change in look.Changes.Take(MostChanges)) yield return new TimelineEntry(change.At, "change", InWords(change));
        if (look.Death is { At: { } died } death) yield return new TimelineEntry(died, "change", Ended(death));
        if (look.Process is { StartedAt: { } started, Name: { } name }) yield return new TimelineEntry(started, "change", $"The process {Shown.Line(name, 60)} that listens there now was started.");
    }

    private static string Ended(DeathFacts death)
    {
        var who = death.ProcessName is { } name ? $"The process {Shown.Line(name, 60)}" : "The app's process";
        return death switch
        {
            { OomKilled: true } => $"{who} was killed because memory ran out.",
            { Signal: { } signal } => $"{who} was ended by signal {signal}.",
            { ExitCode: { } code } => $"{who} ended with exit code {code}.",
            _ => $"{who} ended.",
        };
    }

    private static string InWords(ChangeFacts change)
    {
        var what = change.What switch
        {
            ChangeKind.ConfigReloaded => "ProxyGate's configuration was reloaded",
            ChangeKind.CertificateChanged => "The certificate changed",
            ChangeKind.DnsAnswerChanged => "The answer of the name servers changed",
            ChangeKind.ListenerReplaced => "The listening process was replaced",
            ChangeKind.ContainerRestarted => "The app's container was restarted",
            ChangeKind.UnitRestarted => "The app's service was restarted",
            _ => "ProxyGate was started",
        };
        return (Shown.Line(change.Before, 200), Shown.Line(change.After, 200)) switch
        {
            ({ } before, { } after) => $"{what}: {before} → {after}.",
            (null, { } only) => $"{what}: {only}.",
            _ => what + ".",
        };
    }
}
