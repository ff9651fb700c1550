using System.Globalization;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Examining;
using Spectre.Console;

namespace ProxyGate.Output;

/// <summary>Many destinations at a glance: destination, result, time, and what.</summary>
internal static class ExaminationTable
{
    private static readonly string[] s_heads = ["destination", "result", "time", "what"];

    /// <summary>E.g. <c>1 of 3 destinations is unhealthy: shop/app-2.</c></summary>
    public static string Sum(IReadOnlyList<Examination> examinations)
    {
        var bad = examinations.Where(e => !e.IsHealthy).Select(e => e.Destination.Name).ToList();
        var all = examinations.Count;
        if (all == 0) return "There is no destination to look at.";
        return bad.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{(all == 1 ? "The destination is" : $"All {all} destinations are")} healthy.")
            : string.Create(CultureInfo.InvariantCulture, $"{bad.Count} of {all} {(all == 1 ? "destination" : "destinations")} {(bad.Count == 1 ? "is" : "are")} unhealthy: {string.Join(", ", bad)}.");
    }

    public static void Write(TextWriter output, IReadOnlyList<Examination> examinations)
    {
        var rows = examinations.Select(Cells).ToList();
        if (PageText.IsTerminal(output)) WriteTable(output, rows);
        else WriteColumns(output, rows);
        output.WriteLine(HostileText.Line(Sum(examinations), 1024));
    }

    private static void WriteTable(TextWriter output, List<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var head in s_heads) table.AddColumn(head is "what" ? new TableColumn(head) : new TableColumn(head).NoWrap());
        foreach (var row in rows) table.AddRow(Markup.Escape(row[0]), $"[{Colour(row[1])}]{row[1]}[/]", Markup.Escape(row[2]), Markup.Escape(row[3]));
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    private static string Colour(string result) => result switch { "ok" => "green", "warn" => "yellow", _ => "red bold" };

    private static void WriteColumns(TextWriter output, List<string[]> rows)
    {
        var widths = s_heads.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(s_heads))
            output.WriteLine(string.Join("  ", row.Select((cell, i) => i == 2 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]))).TrimEnd());
    }

    private static string[] Cells(Examination e)
    {
        var warning = e.Warnings.FirstOrDefault();
        var what = e.IsHealthy
            ? warning is null ? Answer(e) : $"{Answer(e)}; {DiagnoseJson.NameOf(warning.Rung)} {warning.Subject}: {(warning.Seen is [var seen, ..] ? seen : "")}"
            : e.Diagnosis is { } d ? $"{d.Failure.Cause.Id}: {(d.Hints is [{ Confidence: Confidence.Proved or Confidence.Likely } hint, ..] ? hint.Sentence : d.Sentence)}" : e.Verdict;
        return [HostileText.Line(e.Destination.Name, 60), e.IsHealthy ? warning is null ? "ok" : "warn" : "FAIL", Amounts.Time(e.DurationMs), HostileText.Line(what, 300)];
    }

    public static string Answer(Examination e) => string.Create(CultureInfo.InvariantCulture, $"GET {(e.Health ?? e.Trial).Facts.Request.Path} answered with {(e.Health ?? e.Trial).Status}");
}
