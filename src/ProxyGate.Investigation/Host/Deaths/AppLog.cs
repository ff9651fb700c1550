using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>A file a process writes its output to, and what tells whether it is still the same file.</summary>
internal sealed record LogPlace(string Path, FileIdentity File, long Length);

/// <summary>
/// The last words of an app that writes them into a file: where standard output and error lead, and open files named like a log. They are
/// remembered while all is well, and only what was written since is read. The path is the app's to change, so the file must be the very one
/// it had open: a link to another is not followed.
/// </summary>
internal static class AppLog
{
    private const int MostDescriptors = 64, MostLogs = 4, MostBytes = 16 * 1024, MostLines = 5;

    public static IReadOnlyList<LogPlace> Of(Sight sight, int pid)
    {
        var places = new List<LogPlace>();
        for (var descriptor = 1; descriptor < MostDescriptors && places.Count < MostLogs; descriptor++)
        {
            var link = sight.Proc(pid, string.Create(CultureInfo.InvariantCulture, $"fd/{descriptor}"));
            if (Native.ReadLink(link, out var error) is not { Length: > 0 } path)
            {
                if (error is Native.AccessDenied or Native.NotPermitted) break;
                continue;
            }

            if (path[0] != '/' || !(descriptor <= 2 || IsNamedLikeALog(path)) || places.Exists(p => p.Path == path)) continue;
            if (Native.Stat(link) is { IsRegular: true } file) places.Add(new LogPlace(path, file.Identity, file.Size));
        }

        return places;
    }

    public static AppLogFacts? Read(Sight sight, RememberedListener before)
    {
        foreach (var place in before.Logs)
        {
            if (sight.Look("app log", $"the last log lines in {place.Path}", () => Lines(place)) is { Count: > 0 } lines) return new AppLogFacts(PlainText.Of(place.Path, 300), lines);
        }

        return null;
    }

    /// <summary>What visitors asked for belongs into no page.</summary>
    private static bool IsNamedLikeALog(string path) =>
        System.IO.Path.GetFileName(path) is var name && name.EndsWith(".log", StringComparison.OrdinalIgnoreCase) && !name.Contains("access", StringComparison.OrdinalIgnoreCase);

    private static List<string> Lines(LogPlace place)
    {
        using var file = Native.OpenFile(place.Path);
        if (Native.Stat(file) is not { IsRegular: true } now || now.Identity != place.File) return [];

        // Shorter than before: it was emptied, and all of it is new.
        var from = now.Size < place.Length ? 0 : place.Length;
        var start = Math.Max(from, now.Size - MostBytes);
        var bytes = new byte[Math.Clamp(now.Size - start, 0, MostBytes)];
        var length = RandomAccess.Read(file, bytes, start);
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var lines = text.Split('\n', StringSplitOptions.TrimEntries).Skip(start > from ? 1 : 0);
        return [.. lines.Where(l => l.Length > 0).TakeLast(MostLines).Select(SecretMask.Lines)];
    }
}
