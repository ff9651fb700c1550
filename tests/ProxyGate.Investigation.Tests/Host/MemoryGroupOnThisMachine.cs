using System.Globalization;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>A real control group with a limit on memory, below the test's own in version 1 and below the root in version 2.</summary>
internal sealed class MemoryGroupOnThisMachine : IDisposable
{
    public const long Limit = 32 << 20;

    private MemoryGroupOnThisMachine(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>Absent, with the reason, when this machine lets nobody make one.</summary>
    public static MemoryGroupOnThisMachine? Create(out string? reason)
    {
        var own = File.ReadLines("/proc/self/cgroup").Select(l => l.Split(':', 3)).FirstOrDefault(p => p[1].Split(',').Contains("memory"))?[2];
        var parent = own is not null ? "/sys/fs/cgroup/memory" + own : "/sys/fs/cgroup";
        var folder = Path.Combine(parent, "pg-test-" + Path.GetRandomFileName()[..8]);
        try
        {
            Directory.CreateDirectory(folder);
            var limit = Path.Combine(folder, own is not null ? "memory.limit_in_bytes" : "memory.max");
            if (!File.Exists(limit))
            {
                Directory.Delete(folder);
                reason = $"{parent} does not hand its memory controller on";
                return null;
            }

            File.WriteAllText(limit, Limit.ToString(CultureInfo.InvariantCulture));
            if (own is null && File.Exists(Path.Combine(folder, "memory.swap.max"))) File.WriteAllText(Path.Combine(folder, "memory.swap.max"), "0");
            reason = null;
            return new MemoryGroupOnThisMachine(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = $"a control group cannot be made here: {error.Message}";
            return null;
        }
    }

    /// <summary>A control group's files cannot be deleted one by one: only the folder itself.</summary>
    public void Dispose() => Directory.Delete(Folder);
}
