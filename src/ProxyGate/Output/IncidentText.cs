using System.Globalization;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Output;

/// <summary>Incidents in the terminal, for somebody who was just woken up. A store is a file others may have written to: everything in it is cleaned again.</summary>
internal static class IncidentText
{
    private const int MostMinutes = 12;
    private const int MostNames = 8;

    /// <summary>A few lines for the list.</summary>
    public static void Line(PageText page, Incident i, DateTimeOffset now)
    {
        page.Paragraph($"{Clean(i.Cause)}{Place(i)}", $"{Word(i.Status),-9} {Clean(i.Id)}  ", indent: 0, emphasis: true);
        page.Paragraph($"{Count(i)} since {At(i.FirstSeen)}; the last {Ago(i.LastSeen, now)}{Ended(i, now)}.", indent: 10);
        if (i.Sentence is { } sentence) page.Paragraph(Clean(sentence, 600), indent: 10);
    }

    /// <summary>All of one incident.</summary>
    public static void Whole(PageText page, IncidentWhole whole, DateTimeOffset now)
    {
        var i = whole.Incident;
        page.Title($"{Clean(i.Id)}: {Clean(i.Cause)}{Place(i)}, {Word(i.Status)}");
        page.Blank();
        page.Paragraph(Clean(whole.Sample?.Diagnosis.Sentence ?? i.Sentence ?? "No sample of it was kept.", 1024));
        Numbers(page, whole, now);
        if (whole.Sample?.Diagnosis is { } diagnosis)
        {
            if (diagnosis.DoesNotProve.Length > 0)
            {
                page.Heading("What that does not prove");
                page.Paragraph(Clean(diagnosis.DoesNotProve, 1024));
            }

            Findings(page, whole, now);
            Hints(page, whole);
        }

        Affected(page, whole);
        Samples(page, whole);
        page.Blank();
        page.Paragraph($"proxygate explain {Clean(i.Cause)} tells more of this cause; proxygate events --id {Clean(i.Id)} shows its lines in the event log.", indent: 0);
    }

    private static void Numbers(PageText page, IncidentWhole whole, DateTimeOffset now)
    {
        var i = whole.Incident;
        page.Heading("Since when, and how many");
        page.Paragraph($"{Count(i)}, the first at {At(i.FirstSeen)} ({Ago(i.FirstSeen, now)}), the last at {At(i.LastSeen)} ({Ago(i.LastSeen, now)}).");
        page.Paragraph(i.LastSuccess is { } success
            ? $"Before it began, the destination last answered well at {At(success)}, {Length(i.FirstSeen - success)} earlier."
            : "No good answer of this destination was seen before it since the gateway started.");
        if (i.WorsenedAt is { } worse) page.Paragraph($"It grew worse at {At(worse)}.");
        if (i.RecoveredAt is { } good && !i.IsOpen) page.Paragraph($"It recovered at {At(good)}, {Ago(good, now)}; it had failed for {Length(i.Downtime)}{(i.Flaps > 0 ? " in all" : "")}.");
        else if (i.Status == IncidentStatus.Quiet) page.Paragraph("Nothing more was heard of it: it may have mended, or no request goes there any more.");
        else page.Paragraph($"It has failed for {Length(i.Downtime)}{(i.Flaps > 0 ? " in all" : "")}.");
        if (i.Flaps > 0)
        {
            page.Paragraph($"It comes and goes: {Times(i.Flaps)} it recovered and failed again soon.");
            foreach (var outage in whole.Outages.TakeLast(MostNames)) page.Paragraph($"{At(outage.From)} to {(outage.To is { } to ? At(to) : "now")}: {Number(outage.Failures)} failures", "- ", 4);
        }

        if (whole.Minutes.Count == 0) return;
        var most = whole.Minutes.MaxBy(m => m.Count);
        page.Paragraph($"At most {Number(most.Count)} in a minute, at {most.Minute.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)}Z. The last minutes with failures: "
            + string.Join(", ", whole.Minutes.TakeLast(MostMinutes).Select(m => $"{m.Minute.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture)} {Number(m.Count)}")) + ".");
    }

    private static void Findings(PageText page, IncidentWhole whole, DateTimeOffset now)
    {
        if (whole.Findings.Count == 0) return;
        page.Heading("What a look at network and host found");
        foreach (var finding in whole.Findings.Take(3))
        {
            page.Paragraph($"{At(finding.Time)} ({Ago(finding.Time, now)}): {Clean(FindingEventJson.Headline(finding), 1024)}");
            foreach (var line in finding.Diagnosis.Findings.Take(MostNames)) page.Paragraph(Clean(line, 600), "- ", 4);
        }
    }

    private static void Hints(PageText page, IncidentWhole whole)
    {
        var diagnosis = (whole.Findings.FirstOrDefault(f => f.Diagnosis.Hints.Count > 0)?.Diagnosis ?? whole.Sample?.Diagnosis)!;
        if (diagnosis.Hints.Count == 0)
        {
            page.Heading("Look first");
            page.Commands([.. diagnosis.Checks.Select(c => Clean(c, 1024))]);
            return;
        }

        page.Heading("What it most likely is, and what to do");
        foreach (var hint in diagnosis.Hints)
        {
            page.Paragraph(Clean(hint.Sentence, 1024), $"{ContractNames.Of(hint.Confidence)}: ", emphasis: true);
            foreach (var evidence in hint.Evidence) page.Paragraph(Clean(evidence, 600), "- ", 4);
            page.Commands([.. hint.Try.Concat(hint.Fix).Select(c => Clean(c, 1024))]);
        }
    }

    private static void Affected(PageText page, IncidentWhole whole)
    {
        if (whole.Paths.Known.Count + whole.Clients.Known.Count == 0) return;
        page.Heading("Whom it meets");
        if (whole.Paths.Known.Count > 0) page.Paragraph(Names(whole.Paths), "paths:   ");
        if (whole.Clients.Known.Count > 0) page.Paragraph(Names(whole.Clients), "clients: ");
    }

    private static void Samples(PageText page, IncidentWhole whole)
    {
        var samples = whole.First.Concat(whole.Between).Concat(whole.Last.Reverse()).ToList();
        if (samples.Count == 0) return;
        page.Heading(whole.NotKept > 0 ? $"Samples ({Number(whole.NotKept)} further failures are counted, and not kept one by one; proxygate incidents ID finds one by its id)" : "Samples");
        foreach (var e in samples)
        {
            var alike = e.Occurrences > 1 ? $", {Number(e.Occurrences)} alike" : "";
            page.Paragraph($"{e.Status}{(e.Saved ? " saved" : "")}{alike} {Clean(e.Method)} {Clean(e.Host)}{Clean(e.Path)} from {Clean(e.Client)}, {e.DurationMs.ToString("0.#", CultureInfo.InvariantCulture)} ms", $"{At(e.Time)} {Clean(e.Id)} ");
        }
    }

    private static string Names(Affected affected)
    {
        var names = string.Join(", ", affected.Known.Take(MostNames).Select(n => $"{Clean(n.Name)} ({Number(n.Count)})"));
        var others = affected.Others + affected.Known.Skip(MostNames).Sum(n => n.Count);
        return others > 0 ? $"{names}, others ({Number(others)})" : names;
    }

    private static string Place(Incident i) =>
        $"{(i.Route is { } route ? $" on route {Clean(route)}" : "")}{(i.Destination is { } destination ? $" -> {Clean(destination)}" : "")}{(i.Gateway.Length > 0 ? $" ({Clean(i.Gateway)})" : "")}";

    private static string Ended(Incident i, DateTimeOffset now) => i.Status switch
    {
        IncidentStatus.Recovered when i.RecoveredAt is { } at => $"; recovered {Ago(at, now)} after {Length(i.Downtime)}{(i.Flaps > 0 ? $" in {Number(i.Flaps + 1)} outages" : "")}",
        IncidentStatus.Open when i.Flaps > 0 => $"; it recovered {Times(i.Flaps)} and failed again",
        _ => "",
    };

    private static string Word(IncidentStatus status) => status switch
    {
        IncidentStatus.Open => "open",
        IncidentStatus.Recovered => "recovered",
        _ => "quiet",
    };

    private static string Count(Incident i) =>
        $"{Number(i.Count)} {(i.Count == 1 ? "failure" : "failures")}{(i.Saved > 0 ? $", {Number(i.Saved)} saved by another attempt," : "")}";

    private static string Times(int times) => times == 1 ? "once" : $"{Number(times)} times";

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    private static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Ago(DateTimeOffset time, DateTimeOffset now) => now - time < TimeSpan.FromSeconds(1) ? "now" : $"{Length(now - time)} ago";

    private static string Length(TimeSpan time)
    {
        if (time < TimeSpan.Zero) time = TimeSpan.Zero;
        return time < TimeSpan.FromSeconds(10) ? $"{time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s"
            : time < TimeSpan.FromMinutes(2) ? $"{(int)time.TotalSeconds} s"
            : time < TimeSpan.FromHours(2) ? $"{(int)time.TotalMinutes} min"
            : time < TimeSpan.FromDays(2) ? $"{(int)time.TotalHours} h"
            : $"{(int)time.TotalDays} days";
    }

    private static string Clean(string text, int longest = 160) => HostileText.Line(text, longest);
}
