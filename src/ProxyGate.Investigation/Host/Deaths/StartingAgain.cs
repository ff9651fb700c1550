using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>Finds the program that listened before, running again but not listening yet: in the same unit or container, or with the same command line.</summary>
internal static class StartingAgain
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(200);

    public static ProcessFacts? Find(Sight sight, RememberedListener before)
    {
        var start = TimeProvider.System.GetTimestamp();
        foreach (var pid in sight.Pids().OrderDescending())
        {
            if (sight.Stop.IsCancellationRequested || TimeProvider.System.GetElapsedTime(start) > s_limit) break;

            // What was running when the listener was last seen is not its successor.
            if (before.Holders.Contains(pid) || ProcessReader.Stat(sight, pid) is not { IsDead: false } stat || stat.StartTicks <= before.StartTicks) continue;
            var cgroup = CgroupPlace.Parse(Sight.ReadText(sight.Proc(pid, "cgroup")) ?? "");
            var sameHome = (before.Facts.Unit is not null && cgroup.Unit == before.Facts.Unit) || (before.Facts.Container is not null && cgroup.Container == before.Facts.Container);
            if (!sameHome && stat.Name != before.Facts.Name) continue;
            if (ProcessReader.Read(sight, pid) is { } process && process.Facts.StartedAt >= before.LastSeen - TimeSpan.FromSeconds(1)
                && (sameHome || (process.Facts.CommandLine is not null && process.Facts.CommandLine == before.Facts.CommandLine))) return process.Facts;
        }

        return null;
    }
}
