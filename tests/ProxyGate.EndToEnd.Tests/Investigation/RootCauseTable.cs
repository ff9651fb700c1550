using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

[assembly: AssemblyFixture(typeof(ProxyGate.EndToEnd.Tests.Investigation.RootCauseTable))]

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Collects what was measured and, at the end, says it as a table: on the console and in <c>root-causes.md</c> beside the tests.</summary>
public sealed class RootCauseTable : IDisposable
{
    private readonly ConcurrentBag<(string Fault, string Cause, string Refined, string Hint, string Confidence, double Ms)> _rows = [];

    internal void Add(string fault, string cause, string refined, string hint, string confidence, double milliseconds) =>
        _rows.Add((fault, cause, refined, hint, confidence, milliseconds));

    public void Dispose()
    {
        if (_rows.IsEmpty) return;
        var text = new StringBuilder("| fault | cause | refined | first hint | confidence | ms |\n|---|---|---|---|---|---|\n");
        foreach (var row in _rows.OrderBy(r => r.Fault, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"| {row.Fault} | `{row.Cause}` | {(row.Refined.Length > 0 ? $"`{row.Refined}`" : "")} | `{row.Hint}` | {row.Confidence} | {row.Ms:0} |");
        Console.Out.WriteLine(text);
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, "root-causes.md"), text.ToString());
    }
}
