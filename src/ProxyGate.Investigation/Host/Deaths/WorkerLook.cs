using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>Finds which of the processes that shared a listener with their server ended, and which the server started since.</summary>
internal static class WorkerLook
{
    private const int MostStarted = 8;

    /// <summary>Absent when none ended, or the server itself did.</summary>
    public static WorkerFacts? Find(Sight sight, RememberedListener before)
    {
        if (Ending.HasEnded(sight, before)) return null;
        var ended = before.Stats.Where(w => w.Key != before.Facts.Pid && (ProcessReader.Stat(sight, w.Key) is not { IsDead: false } now || now.StartTicks != w.Value.StartTicks))
            .Select(w => w.Key).Order().ToList();
        return ended.Count == 0 ? null : new WorkerFacts(ended, Started(sight, before));
    }

    private static List<ProcessFacts> Started(Sight sight, RememberedListener before)
    {
        var started = new List<ProcessFacts>();
        foreach (var pid in sight.Pids().OrderDescending())
        {
            if (sight.Stop.IsCancellationRequested || started.Count == MostStarted) break;
            if (before.Holders.Contains(pid) && !Reused(sight, before, pid)) continue;
            if (ProcessReader.Stat(sight, pid) is not { IsDead: false } stat || stat.Parent != before.Facts.Pid || stat.StartTicks < before.StartTicks) continue;
            if (ProcessReader.Read(sight, pid) is { } process && process.Facts.StartedAt >= before.LastSeen - TimeSpan.FromSeconds(1)) started.Add(process.Facts);
        }

        return started;
    }

    private static bool Reused(Sight sight, RememberedListener before, int pid) =>
        before.Stats.TryGetValue(pid, out var was) && ProcessReader.Stat(sight, pid) is { } now && now.StartTicks != was.StartTicks;
}
