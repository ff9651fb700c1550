using System.Globalization;
using ProxyGate.Diagnostics.Events;
using Spectre.Console;

namespace ProxyGate.Output;

/// <summary>Failures counted by cause, the most frequent first.</summary>
internal sealed class EventSummary
{
    private readonly Dictionary<string, Row> _rows = new(StringComparer.Ordinal);

    public long Total { get; private set; }

    public void Add(FailureEventLine e)
    {
        if (!_rows.TryGetValue(e.Cause, out var row)) _rows.Add(e.Cause, row = new Row(HostileText.Line(e.Cause, 60)));
        Total += e.Occurrences;
        row.Count += e.Occurrences;
        if (e.Saved) row.Saved += e.Occurrences;
        row.Party = HostileText.Line(e.Party, 30);
        if (e.Route is { } route) row.Routes.Add(HostileText.Line(route, 60));
        if (e.Time is { } time && (row.Last is null || time > row.Last)) row.Last = time;
    }

    public void Write(TextWriter output, bool isTerminal)
    {
        string[] heads = ["cause", "failures", "saved", "party", "routes", "last seen"];
        var rows = _rows.Values.OrderByDescending(r => r.Count).ThenBy(r => r.Cause, StringComparer.Ordinal).Select(r => r.Cells()).ToList();
        output.WriteLine();
        if (isTerminal) WriteTable(output, heads, rows);
        else WriteColumns(output, heads, rows);
    }

    private static void WriteTable(TextWriter output, string[] heads, List<string[]> rows)
    {
        var table = new Table { Border = TableBorder.Rounded };
        for (var i = 0; i < heads.Length; i++)
        {
            var column = new TableColumn(heads[i]);
            table.AddColumn(i is 1 or 2 ? column.RightAligned() : column);
        }

        foreach (var row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    private static void WriteColumns(TextWriter output, string[] heads, List<string[]> rows)
    {
        var widths = heads.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(heads))
        {
            var cells = row.Select((cell, i) => i is 1 or 2 ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private sealed class Row(string cause)
    {
        public string Cause => cause;

        public long Count { get; set; }

        public long Saved { get; set; }

        public string Party { get; set; } = "";

        public SortedSet<string> Routes { get; } = new(StringComparer.Ordinal);

        public DateTimeOffset? Last { get; set; }

        public string[] Cells() =>
        [
            cause.Length == 0 ? "(none given)" : cause,
            Count.ToString(CultureInfo.InvariantCulture),
            Saved.ToString(CultureInfo.InvariantCulture),
            Party,
            Routes.Count <= 3 ? string.Join(", ", Routes) : $"{string.Join(", ", Routes.Take(3))} and {Routes.Count - 3} more",
            Last?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "",
        ];
    }
}
