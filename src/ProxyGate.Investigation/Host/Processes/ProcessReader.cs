using System.Globalization;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Host.Processes;

/// <summary>A process as it was at one moment.</summary>
internal sealed record ProcessSeen(ProcessFacts Facts, ProcStat Stat, CgroupPlace Cgroup);

internal static class ProcessReader
{
    /// <summary>USER_HZ: the unit of times in /proc/PID/stat, 100 on every architecture .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const int MostProcesses = 32_768;

    /// <summary>The processes seen from here, lowest number first.</summary>
    public static IEnumerable<int> Pids(this Sight sight)
    {
        IEnumerable<string> folders;
        try
        {
            folders = [.. Directory.EnumerateDirectories(sight.Paths.Proc).Take(MostProcesses)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            sight.Miss("the processes", $"{sight.Paths.Proc} cannot be read");
            return [];
        }

        return folders.Select(f => int.TryParse(Path.GetFileName(f.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0).Where(pid => pid > 0).Order();
    }

    public static ProcStat? Stat(Sight sight, int pid) =>
        Sight.ReadText(sight.Proc(pid, "stat"), 4096) is { } text ? ProcStat.Parse(text) : null;

    public static ProcessSeen? Read(Sight sight, int pid)
    {
        if (Stat(sight, pid) is not { } stat) return null;
        var cgroup = CgroupPlace.Parse(Sight.ReadText(sight.Proc(pid, "cgroup")) ?? "");
        var facts = new ProcessFacts
        {
            Pid = pid,
            Name = stat.Name,
            CommandLine = SecretMask.CommandLine(Sight.ReadText(sight.Proc(pid, "cmdline"), 16 * 1024) ?? ""),
            StartedAt = StartedAt(sight, stat),
            StartTicks = stat.StartTicks,
            State = stat.State,
            Cgroup = cgroup.Path,
            Unit = cgroup.Unit,
            Container = cgroup.Container,
        };
        return new ProcessSeen(facts, stat, cgroup);
    }

    /// <summary>The gateway's own groups.</summary>
    public static CgroupPlace OwnCgroup(Sight sight) => CgroupPlace.Parse(Sight.ReadText(sight.Proc("self", "cgroup")) ?? "");

    /// <summary>
    /// Counted back from now by the time since boot, which is kept in hundredths; the time of boot that /proc/stat gives in whole
    /// seconds serves where there is no other. Absent when neither can be read.
    /// </summary>
    private static DateTimeOffset? StartedAt(Sight sight, ProcStat stat)
    {
        var sinceBoot = stat.StartTicks / TicksPerSecond;
        var uptime = Sight.ReadText(sight.Proc("uptime"), 128)?.Split(' ')[0];
        if (double.TryParse(uptime, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var up) && up >= sinceBoot)
            return sight.Time.GetUtcNow() - TimeSpan.FromSeconds(up - sinceBoot);
        var line = Sight.ReadText(sight.Proc("stat"), 1024 * 1024)?.Split('\n').FirstOrDefault(l => l.StartsWith("btime ", StringComparison.Ordinal));
        return long.TryParse(line?[6..], NumberStyles.None, CultureInfo.InvariantCulture, out var boot) && boot is > 0 and < 100_000_000_000
            ? DateTimeOffset.FromUnixTimeSeconds(boot) + TimeSpan.FromSeconds(sinceBoot)
            : null;
    }
}
