using System.Globalization;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Examining;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Output;

/// <summary>A look at a destination for a person: each step with what a person would type to see the same, then the verdict, why, and what to do.</summary>
internal static class DiagnoseText
{
    private const int MaxText = 1024;
    private const int MaxLines = 12;
    private const int RungWidth = 10;
    private const string Dim = "2";

    public static void Whole(PageText page, Examination e)
    {
        Head(page, e.Destination);
        foreach (var step in e.Steps) Step(page, step);
        Verdict(page, e);
        page.Blank();
    }

    public static void Head(PageText page, ExaminedDestination destination)
    {
        var where = destination.Name == destination.Id || destination.Cluster is null ? "" : $"  {Clean(destination.Url)}{(destination.Source is { } line ? $"  ({Clean(line)})" : "")}";
        page.Title(Clean(destination.Name) + where);
    }

    public static void Step(PageText page, LadderStep step)
    {
        var lead = $"{Word(step.Result),-6}{DiagnoseJson.NameOf(step.Rung).PadRight(RungWidth)}";
        var took = step.DurationMs > 0 ? $" ({Amounts.Time(step.DurationMs)})" : "";
        page.Paragraph(Clean($"{step.Subject}: {(step.Seen is [var first, ..] ? first : "")}") + took, lead, emphasis: true, leadStyle: Style(step.Result));
        var under = new string(' ', lead.Length);
        foreach (var line in step.Seen.Skip(1).Take(MaxLines)) page.Paragraph(Clean(line), under);
        foreach (var command in step.Commands) page.Whole(Clean(command), "$ ", lead.Length + 2, Dim);
        if (step.Fix is { } fix) page.Paragraph(Clean(fix), under + "-> ");
    }

    public static void Verdict(PageText page, Examination e)
    {
        page.Blank();
        var (label, style) = e.IsHealthy ? e.Warnings.Any() ? ("HEALTHY, with warnings: ", "1;33") : ("HEALTHY: ", "1;32") : ("UNHEALTHY: ", "1;31");
        page.Paragraph(Clean(e.Verdict), label, indent: 0, emphasis: true, leadStyle: style);
        if (e.Diagnosis is { } diagnosis) Why(page, e, diagnosis);
        else if (e.IsHealthy) Warnings(page, e);
        foreach (var blind in e.Look.NotSeen.Take(MaxLines)) page.Paragraph(Clean($"{blind.What}, because {blind.Why}."), "Not seen: ", indent: 0, style: Dim);
    }

    /// <summary>One line, for a look among many.</summary>
    /// <param name="page">Where it goes.</param>
    /// <param name="e">What was seen.</param>
    /// <param name="named">Whether several destinations are looked at, so that each has to be named.</param>
    public static void Line(PageText page, Examination e, bool named)
    {
        var time = e.At.UtcDateTime.ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var what = e.IsHealthy ? $"{ExaminationTable.Answer(e)} in {Amounts.Time((e.Health ?? e.Trial).TookMs)}" : e.Cause?.Id ?? e.Verdict;
        page.Paragraph(
            Clean((named ? e.Destination.Name + " " : "") + what), $"{time} {(e.IsHealthy ? "healthy  " : "UNHEALTHY")} ", indent: 0, emphasis: true, leadStyle: e.IsHealthy ? "32" : "1;31");
    }

    private static void Warnings(PageText page, Examination e)
    {
        foreach (var step in e.Warnings) page.Paragraph(Clean($"{step.Subject}: {(step.Seen is [var first, ..] ? first : "")}"), $"{DiagnoseJson.NameOf(step.Rung)}: ");
    }

    private static void Why(PageText page, Examination e, Diagnosis d)
    {
        if (d.Sentence != e.Verdict) page.Paragraph(Clean(d.Sentence), "What happened: ", emphasis: true);
        page.Paragraph(d.Failure.Cause.Id, "Cause: ", emphasis: true);
        page.Paragraph(AccountWords.Act(d), "Where to act: ", emphasis: true);
        if (d.DoesNotProve.Length > 0 && d.Hints is not [{ Confidence: Confidence.Proved }, ..]) page.Paragraph(Clean(d.DoesNotProve), "This does not prove: ", emphasis: true);
        if (d.Hints is [var first, ..])
        {
            page.Heading(AccountWords.Reasons(d.Hints));
            Hint(page, first, isVerdict: first.Sentence == e.Verdict);
            Steps(page, first);
            for (var i = 1; i < d.Hints.Count; i++) Hint(page, d.Hints[i]);
        }
        else if (d.Checks.Count > 0)
        {
            page.Heading("What to check now (only looks, changes nothing)");
            Commands(page, d.Checks, 2);
        }

        page.Blank();
        if (d.Possibilities.Count > 0)
            page.Paragraph($"Other usual reasons, without a sign of them yet: {Clean(string.Join("; ", d.Possibilities.Select(p => p.Title)))}.", indent: 0);
        var unit = e.Destination.Unit is null && e.Look is { Process: null, Listener.Listening: false } ? " With --unit NAME the app's systemd unit is asked, too." : "";
        page.Paragraph($"More: proxygate explain {d.Failure.Cause.Id}{string.Concat(d.Hints.Take(1).Select(h => $", proxygate explain {h.Id}"))}.{unit}", indent: 0);
    }

    private static void Hint(PageText page, Hint hint, bool isVerdict = false)
    {
        var sure = hint.Confidence switch { Confidence.Proved => "Proved: ", Confidence.Likely => "Likely: ", _ => "Possible: " };
        page.Paragraph(isVerdict ? hint.Id : $"{Clean(hint.Sentence)} ({hint.Id})", sure, emphasis: true);
        foreach (var evidence in hint.Evidence.Take(MaxLines)) page.Paragraph(Clean(evidence), "because: ", 4);
    }

    /// <summary>Where nothing is open any more the fix comes first; otherwise one looks first.</summary>
    private static void Steps(PageText page, Hint hint)
    {
        if (hint.Confidence == Confidence.Proved) Labelled(page, "Fix:", hint.Fix);
        Labelled(page, hint.Fix.Count > 0 ? "Check:" : "What to do:", hint.Try);
        if (hint.Confidence != Confidence.Proved) Labelled(page, "Fix:", hint.Fix);
    }

    private static void Labelled(PageText page, string label, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        page.Paragraph(label, indent: 4);
        Commands(page, lines, 6);
    }

    private static void Commands(PageText page, IReadOnlyList<string> lines, int indent) => page.Commands([.. lines.Take(2 * MaxLines).Select(Clean)], indent);

    private static string Word(StepResult result) => result switch { StepResult.Passed => "ok", StepResult.Warned => "warn", StepResult.Failed => "FAIL", _ => "skip" };

    private static string Style(StepResult result) => result switch { StepResult.Passed => "32", StepResult.Warned => "33", StepResult.Failed => "1;31", _ => Dim };

    private static string Clean(string text) => HostileText.Line(text, MaxText);
}
