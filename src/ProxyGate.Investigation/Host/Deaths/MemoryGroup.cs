using System.Globalization;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>How often the kernel killed for want of memory in a control group, and the group's limit. Any user may read it.</summary>
/// <param name="Kills">The counter; it only means something against an earlier one of the same group.</param>
/// <param name="Limit">In bytes; absent when there is none.</param>
/// <param name="Source"><c>memory.events</c> (version 2) or <c>memory.oom_control</c> (version 1).</param>
internal sealed record MemoryGroup(long Kills, long? Limit, string Source)
{
    /// <summary>Version 1 says "no limit" with a number near the largest there is.</summary>
    private const long NoLimit = 1L << 60;

    /// <summary>The processes directly in the group; absent when they cannot be seen.</summary>
    public static IReadOnlyList<int>? Members(Sight sight, CgroupPlace place)
    {
        var root = sight.Paths.Cgroups;
        var folders = place.Memory is { } first ? [Below(Path.Combine(root, "memory"), first)]
            : place.Unified is { } second ? (string[])[Below(root, second), Below(Path.Combine(root, "unified"), second)] : [];
        return folders.Select(f => Sight.ReadText(Path.Combine(f, "cgroup.procs"))).FirstOrDefault(t => t is not null)?
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => int.TryParse(l, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0).ToList();
    }

    public static MemoryGroup? Read(Sight sight, CgroupPlace place)
    {
        var root = sight.Paths.Cgroups;
        if (place.Memory is { } first)
        {
            var folder = Below(Path.Combine(root, "memory"), first);
            if (Sight.ReadText(Path.Combine(folder, "memory.oom_control"), 4096) is { } control && Counter(control, "oom_kill") is { } kills)
                return new MemoryGroup(kills, ParseLimit(Sight.ReadText(Path.Combine(folder, "memory.limit_in_bytes"), 64)), "memory.oom_control");
        }

        if (place.Unified is not { } second) return null;
        foreach (var mount in (string[])[root, Path.Combine(root, "unified")])
        {
            var folder = Below(mount, second);
            if (Sight.ReadText(Path.Combine(folder, "memory.events"), 4096) is { } events && Counter(events, "oom_kill") is { } kills)
                return new MemoryGroup(kills, ParseLimit(Sight.ReadText(Path.Combine(folder, "memory.max"), 64)), "memory.events");
        }

        return null;
    }

    /// <summary>The number after a key at the beginning of a line; <c>oom_kill_disable</c> is another key than <c>oom_kill</c>.</summary>
    internal static long? Counter(string text, string key)
    {
        foreach (var line in text.Split('\n'))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (parts is [var name, var value] && name == key && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        }

        return null;
    }

    internal static long? ParseLimit(string? text) =>
        long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes is > 0 and < NoLimit ? bytes : null;

    /// <summary>In a namespace of control groups a path may begin with <c>/..</c>: such a group cannot be seen from here.</summary>
    private static string Below(string mount, string path) =>
        path.Split('/').Contains("..") ? Path.Combine(mount, ".unseen") : Path.Combine(mount, path.TrimStart('/'));
}
