using System.Globalization;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Services;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>Puts together what is known of the end of the process that served the destination. Without an end seen by a source there is none.</summary>
internal static class Ending
{
    /// <summary>Shells and container engines say with 128 and more that a signal ended a process.</summary>
    private const int SignalBase = 128, LastSignal = 64;

    private static readonly TimeSpan s_slack = TimeSpan.FromSeconds(2);

    /// <summary>Whether the remembered process is gone, or dead and not yet waited for.</summary>
    public static bool HasEnded(Sight sight, RememberedListener before) =>
        ProcessReader.Stat(sight, before.Facts.Pid) is not { } now ? !Directory.Exists(sight.Proc(before.Facts.Pid, "")) : now.StartTicks != before.StartTicks || now.IsDead;

    public static DeathFacts? Tell(Sight sight, RememberedListener? before, bool ended, DateTimeOffset from, EndEvidence evidence)
    {
        // The surest first: it gives the source, the time and the words; the others add what it does not know.
        List<DeathFacts> told =
        [
            .. Kernel(evidence), .. Container(evidence.Container, from), .. Unit(evidence.Unit, from, ended || before is null), .. Group(before, ended, evidence.NewKills),
            .. Pod(evidence.Pod, from), .. Gone(sight, before, ended),
        ];
        if (told.Count == 0) return null;
        var first = told.FirstOrDefault(d => d is { OomKilled: true, InGroup: false })
            ?? told.FirstOrDefault(d => d is { InGroup: false } and ({ ExitCode: not null } or { Signal: not null }))
            ?? told.FirstOrDefault(d => d.OomKilled) ?? told[0];
        return first with
        {
            At = first.At ?? told.Select(d => d.At).FirstOrDefault(at => at is not null),
            Pid = first.Pid ?? (ended && !first.InGroup ? before?.Facts.Pid : null),
            ProcessName = first.ProcessName ?? (ended && !first.InGroup ? before?.Facts.Name : null),
            MemoryLimit = told.Select(d => d.MemoryLimit).FirstOrDefault(l => l is not null),
            ExitCode = first.InGroup ? null : told.Select(d => d.ExitCode).FirstOrDefault(c => c is not null),
            Signal = first.InGroup ? null : told.Where(d => !d.InGroup).Select(d => d.Signal).FirstOrDefault(s => s is not null),
            Restarts = told.Select(d => d.Restarts).FirstOrDefault(r => r is not null),
            LastLogLines = told.Select(d => d.LastLogLines).FirstOrDefault(l => l.Count > 0) ?? [],
            AlsoSeen = [.. told.Where(d => !ReferenceEquals(d, first)).Select(d => d.Detail).OfType<string>()],
        };
    }

    private static IEnumerable<DeathFacts> Kernel(EndEvidence evidence)
    {
        if (evidence.Kernel is not { } found) yield break;
        yield return new DeathFacts
        {
            At = found.At,
            Pid = found.Event.Pid,
            ProcessName = found.Event.Name,
            OomKilled = found.Event.OutOfMemory,
            InGroup = found.InGroup,
            MemoryLimit = found.Event.MemoryLimit,
            Signal = found.Event.Signal,
            Source = "kernel log",
            Detail = found.Event.Line,
        };
    }

    private static IEnumerable<DeathFacts> Container(ContainerSeen? container, DateTimeOffset from)
    {
        if (container is null) yield break;
        var endedLately = container.FinishedAt >= from - s_slack;
        if (container.Running && !(endedLately && container.Restarts > 0)) yield break;
        if (!container.Running && container.Status is "created" or "unknown") yield break;
        yield return new DeathFacts
        {
            At = container.FinishedAt,
            OomKilled = container.OomKilled && endedLately,
            MemoryLimit = container.MemoryLimit,
            ExitCode = container.ExitCode,
            Signal = SignalOf(container.ExitCode),
            Restarts = container.Restarts,
            Source = $"{container.Engine} container {container.Name}",
            Detail = container.Detail,
            LastLogLines = container.LogLines,
        };
    }

    /// <summary>A unit whose main process runs on lost another one.</summary>
    private static IEnumerable<DeathFacts> Unit(UnitSeen? unit, DateTimeOffset from, bool ended)
    {
        if (unit is null || !unit.TellsAnEnd || unit.ExitedAt < from - s_slack) yield break;
        yield return new DeathFacts
        {
            At = unit.ExitedAt,
            OomKilled = unit.OomKilled,
            InGroup = unit.OomKilled && !ended,
            MemoryLimit = unit.MemoryLimit,
            ExitCode = unit.ExitCode,
            Signal = unit.Signal,
            Restarts = unit.Restarts,
            Source = $"systemd unit {unit.Unit}",
            Detail = unit.Detail,
            LastLogLines = unit.LogLines,
        };
    }

    /// <summary>The counter does not say who was killed: it was the process only if that ended and shared the group with nobody but its workers.</summary>
    private static IEnumerable<DeathFacts> Group(RememberedListener? before, bool ended, MemoryGroup? kills)
    {
        if (before is null || kills is null) yield break;
        yield return new DeathFacts
        {
            OomKilled = true,
            InGroup = !ended || !before.AloneInGroup,
            Signal = ended ? 9 : null,
            MemoryLimit = kills.Limit,
            Source = kills.Source,
            Detail = string.Create(CultureInfo.InvariantCulture, $"oom_kill grew by {kills.Kills} in {before.Cgroup.Accounted}"),
        };
    }

    private static IEnumerable<DeathFacts> Pod(PodSeen? pod, DateTimeOffset from)
    {
        if (pod is null || (pod.Ready && pod.FinishedAt < from - s_slack)) yield break;
        yield return new DeathFacts
        {
            At = pod.FinishedAt,
            OomKilled = pod.OomKilled,
            ExitCode = pod.ExitCode,
            Signal = pod.Signal ?? SignalOf(pod.ExitCode),
            Restarts = pod.Restarts,
            Source = $"kubernetes pod {pod.Pod}",
            Detail = pod.Detail,
        };
    }

    private static IEnumerable<DeathFacts> Gone(Sight sight, RememberedListener? before, bool ended)
    {
        if (before is null || !ended) yield break;
        var now = ProcessReader.Stat(sight, before.Facts.Pid);
        var waiting = now is { IsDead: true } && now.StartTicks == before.StartTicks;
        var status = waiting ? now!.ExitStatus : 0;
        var signal = status & 0x7f;
        var how = signal > 0 ? $" (signal {signal})" : status >> 8 > 0 ? $" (exit code {status >> 8})" : "";
        yield return new DeathFacts
        {
            Pid = before.Facts.Pid,
            ProcessName = before.Facts.Name,
            Signal = signal > 0 ? signal : null,

            // A status of 0 may stand for "not to be seen", so it says nothing.
            ExitCode = signal == 0 && status >> 8 > 0 ? status >> 8 : null,
            Source = "/proc",
            Detail = string.Create(
                CultureInfo.InvariantCulture,
                $"process {before.Facts.Pid} ({before.Facts.Name}) {(waiting ? $"has ended{how}; its parent has not waited for it yet" : "no longer exists")}"),
        };
    }

    private static int? SignalOf(int? exitCode) => exitCode is > SignalBase and <= SignalBase + LastSignal ? exitCode - SignalBase : null;
}
