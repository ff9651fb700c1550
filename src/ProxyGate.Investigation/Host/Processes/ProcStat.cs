using System.Globalization;

namespace ProxyGate.Investigation.Host.Processes;

/// <summary>What <c>/proc/PID/stat</c> says (proc(5)).</summary>
/// <param name="Name">The first 15 bytes of the program's name, as the process calls itself.</param>
/// <param name="State">The kernel's letter.</param>
/// <param name="Parent">The process that started it, or the one that took it over.</param>
/// <param name="StartTicks">When it started, in ticks since boot: with the number, this tells processes apart for good.</param>
/// <param name="ExitStatus">Of a dead process nobody has waited for: its wait status (waitpid(2)). 0 where it may not be seen.</param>
internal sealed record ProcStat(string Name, char State, int Parent, long StartTicks, int ExitStatus)
{
    private const int StateField = 3, ParentField = 4, StartField = 22, ExitField = 52;

    public bool IsDead => State is 'Z' or 'X' or 'x';

    /// <summary>The name may hold anything, parentheses included: it ends at the last one.</summary>
    public static ProcStat? Parse(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 0 || close < open) return null;
        var fields = text[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (fields.Length <= StartField - StateField || fields[0].Length != 1
            || !long.TryParse(fields[StartField - StateField], NumberStyles.None, CultureInfo.InvariantCulture, out var start)) return null;
        var exit = fields.Length > ExitField - StateField && int.TryParse(fields[ExitField - StateField], NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0;
        _ = int.TryParse(fields[ParentField - StateField], NumberStyles.None, CultureInfo.InvariantCulture, out var parent);
        return new ProcStat(PlainText.Of(text[(open + 1)..close], 64), fields[0][0], parent, start, exit);
    }
}
