using System.Globalization;
using System.Text.RegularExpressions;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>
/// Reads records of the kernel's log (Documentation/ABI/testing/dev-kmsg) for the ends of processes. Programs choose their own names,
/// so every pattern reads the number from where the kernel wrote it; what programs wrote into the log themselves is not believed.
/// </summary>
internal sealed partial class KernelLogParser
{
    private const int MostEvents = 200;
    private const int SegmentationFault = 11, IllegalInstruction = 4, FloatingPoint = 8, Trap = 5, Kill = 9;

    /// <summary>How long the lines of one report may be apart.</summary>
    private static readonly TimeSpan s_sameReport = TimeSpan.FromSeconds(2);

    private readonly LinkedList<KernelEvent> _events = new();
    private (TimeSpan At, long? Limit) _limit;
    private (TimeSpan At, string Group) _group;

    public IReadOnlyCollection<KernelEvent> Events => _events;

    public void Add(string record)
    {
        // "priority,sequence,microseconds,flags[,…];message", then lines with a leading blank that hold properties.
        var semicolon = record.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0) return;
        var prefix = record[..semicolon].Split(',');
        if (prefix.Length < 3
            || !int.TryParse(prefix[0], NumberStyles.None, CultureInfo.InvariantCulture, out var priority) || priority >> 3 != 0
            || !long.TryParse(prefix[2], NumberStyles.None, CultureInfo.InvariantCulture, out var micros) || micros > long.MaxValue / 10) return;
        var end = record.IndexOf('\n', semicolon);
        Message(TimeSpan.FromTicks(micros * 10), record[(semicolon + 1)..(end < 0 ? record.Length : end)]);
    }

    private void Message(TimeSpan at, string text)
    {
        if (text.Length > 2000) return;
        if (Usage().Match(text) is { Success: true } usage)
        {
            _limit = (at, long.TryParse(usage.Groups["limit"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) && kilobytes < 1L << 50 ? kilobytes * 1024 : null);
        }
        else if (OldGroup().Match(text) is { Success: true } old)
        {
            _group = (at, old.Groups["group"].Value);
        }
        else if (OomKill().Match(text) is { Success: true } oom)
        {
            var memcg = text.Contains("constraint=CONSTRAINT_MEMCG", StringComparison.Ordinal);
            // What tells stands at its end, after lists of processors and groups that can be long.
            Keep(at, oom, "oom-kill: … " + text[text.IndexOf("task_memcg=", StringComparison.Ordinal)..], Kill, oom.Groups["group"].Value, memcg && at - _limit.At < s_sameReport ? _limit.Limit : null);
        }
        else if (Killed().Match(text) is { Success: true } killed)
        {
            // Since Linux 5.0 the line before says the same, with the group.
            if (_events.Last?.Value is { OutOfMemory: true } last && last.Pid == Number(killed) && at - last.SinceBoot < s_sameReport) return;
            var group = at - _group.At < s_sameReport ? _group.Group : null;
            Keep(at, killed, text, Kill, group, group is not null && at - _limit.At < s_sameReport ? _limit.Limit : null);
        }
        else if (Fault().Match(text) is { Success: true } fault)
        {
            Keep(at, fault, text, SegmentationFault, null, null);
        }
        else if (Trapped().Match(text) is { Success: true } trapped)
        {
            int? signal = trapped.Groups["what"].Value switch
            {
                "general protection fault" => SegmentationFault,
                "trap invalid opcode" => IllegalInstruction,
                "trap divide error" => FloatingPoint,
                "trap int3" => Trap,
                _ => null,
            };
            Keep(at, trapped, text, signal, null, null);
        }
    }

    private void Keep(TimeSpan at, Match match, string line, int? signal, string? group, long? limit)
    {
        if (Number(match) is not { } pid) return;
        _events.AddLast(new KernelEvent
        {
            SinceBoot = at,
            Pid = pid,
            Name = PlainText.Of(match.Groups["name"].Value, 64),
            OutOfMemory = signal == Kill,
            Cgroup = string.IsNullOrEmpty(group) ? null : group,
            MemoryLimit = limit,
            Signal = signal,
            Line = PlainText.Of(line, 400),
        });
        if (_events.Count > MostEvents) _events.RemoveFirst();
    }

    private static int? Number(Match match) =>
        int.TryParse(match.Groups["pid"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid : null;

    [GeneratedRegex(@"^memory: usage \d+kB, limit (?<limit>\d+)kB, failcnt \d+", RegexOptions.CultureInvariant)]
    private static partial Regex Usage();

    /// <summary>Linux 5.0 and later; the name comes before the number, so the last number is the kernel's.</summary>
    [GeneratedRegex(@"^oom-kill:constraint=CONSTRAINT_\w+,.*,task_memcg=(?<group>/.*?),task=(?<name>.*),pid=(?<pid>\d+),uid=\d+$", RegexOptions.CultureInvariant)]
    private static partial Regex OomKill();

    [GeneratedRegex(@"^(Out of memory|Memory cgroup out of memory)?(: )?Killed process (?<pid>\d+) \((?<name>.*)\)(, UID \d+)?,? total-vm:", RegexOptions.CultureInvariant)]
    private static partial Regex Killed();

    /// <summary>Before Linux 5.0.</summary>
    [GeneratedRegex(@"^Task in (?<group>/\S*) killed as a result of limit of /\S*$", RegexOptions.CultureInvariant)]
    private static partial Regex OldGroup();

    [GeneratedRegex(@"^(?<name>.*)\[(?<pid>\d+)\]: segfault at [0-9a-f]+ ip [0-9a-f]+ sp [0-9a-f]+ error ", RegexOptions.CultureInvariant)]
    private static partial Regex Fault();

    /// <summary>x86 says what trapped; arm64 says "unhandled exception", and not with which signal it ended.</summary>
    [GeneratedRegex(@"^(traps: )?(?<name>.*)\[(?<pid>\d+)\]:? (?<what>general protection fault|trap invalid opcode|trap divide error|trap int3|trap stack segment|unhandled exception:)( |$)", RegexOptions.CultureInvariant)]
    private static partial Regex Trapped();
}
