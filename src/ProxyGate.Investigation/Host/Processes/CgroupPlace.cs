using System.Text.RegularExpressions;

namespace ProxyGate.Investigation.Host.Processes;

/// <summary>The control groups a process is in, from <c>/proc/PID/cgroup</c> (cgroups(7)).</summary>
/// <param name="Unified">Its path in version 2; absent when there is none but the root.</param>
/// <param name="Memory">Its path in the memory hierarchy of version 1.</param>
/// <param name="Named">Its path in the hierarchy systemd keeps beside version 1.</param>
internal sealed partial record CgroupPlace(string? Unified, string? Memory, string? Named)
{
    public static readonly CgroupPlace None = new(null, null, null);

    /// <summary>The path that says most; absent when the process is in the root group only.</summary>
    public string? Path => Unified ?? Named ?? Memory;

    /// <summary>The container's id: 64 hexadecimal digits in the last part that has them, whichever engine named it.</summary>
    public string? Container => Path?.Split('/').Reverse().Where(p => !p.Contains("conmon", StringComparison.Ordinal)).Select(p => ContainerId().Match(p)).FirstOrDefault(m => m.Success)?.Value;

    /// <summary>The system's service unit. A user's own services are kept by another manager and are not given.</summary>
    public string? Unit
    {
        get
        {
            if (UserManaged) return null;
            var unit = Path?.Split('/').LastOrDefault(p => p.EndsWith(".service", StringComparison.Ordinal));
            return unit is not null && UnitName().IsMatch(unit) ? unit : null;
        }
    }

    public bool UserManaged => Path?.Split('/').Any(p => p.StartsWith("user@", StringComparison.Ordinal)) == true;

    public static CgroupPlace Parse(string text)
    {
        string? unified = null, memory = null, named = null;
        foreach (var line in text.Split('\n'))
        {
            // number:controllers:path; only the path may hold further colons.
            var parts = line.Split(':', 3);
            if (parts.Length < 3 || parts[2].Length < 2 || parts[2][0] != '/') continue;
            if (parts is ["0", "", _]) unified = parts[2];
            else if (parts[1] == "name=systemd") named = parts[2];
            else if (parts[1].Split(',').Contains("memory")) memory = parts[2];
        }

        return new CgroupPlace(unified, memory, named);
    }

    /// <summary>Whether an OOM kill in the group says something of this upstream: not in the root, and not in a group the gateway is in as well.</summary>
    public bool IsApartFrom(CgroupPlace gateway) => Accounted is { } own && !Within(gateway.Accounted, own);

    /// <summary>The group whose memory is counted for the process.</summary>
    public string? Accounted => Memory ?? Unified;

    /// <summary>Whether a path is a group or lies in it.</summary>
    internal static bool Within(string? path, string group) =>
        path is not null && (path == group || (path.StartsWith(group, StringComparison.Ordinal) && path[group.Length] == '/'));

    [GeneratedRegex("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerId();

    [GeneratedRegex(@"^[A-Za-z0-9:_.\\@-]{1,255}\z", RegexOptions.CultureInvariant)]
    private static partial Regex UnitName();
}
