using System.Security.Cryptography;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Reads every page of one's own that the configuration names, once, as it will be served.</summary>
internal sealed class PageTemplateChecks(string baseFolder, List<ConfigMistake> mistakes)
{
    /// <summary>Each failing request is sent one: more than this would make an outage worse.</summary>
    public const int MaxFileBytes = 256 * 1024;

    private const string Key = "ProxyGate:Pages:Templates";
    private static readonly PageTemplate s_nothing = new() { Path = "", Parts = [], StyleHashes = [] };

    private readonly Dictionary<string, PageTemplate> _pages = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _hashes = new(StringComparer.Ordinal);

    /// <summary>The pages without a mistake, by path.</summary>
    public IReadOnlyDictionary<string, PageTemplate> Pages => _pages;

    /// <summary>SHA-256 of each file as it was read, by path; empty for one that could not be.</summary>
    public IReadOnlyDictionary<string, byte[]> Hashes => _hashes;

    public void Run(ConfigNode root)
    {
        if (root.Find(ConfigShape.ProxyGate)?.Find("Pages")?.Find("Templates") is not { Kind: ConfigNodeKind.List } list) return;
        var routes = (root.Find(ConfigShape.ReverseProxy)?.Find("Routes")?.Properties ?? []).Select(r => r.Name).ToList();
        var seen = new List<(PageTemplateSettings Settings, int Number)>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var node = list.Items[i];
            if (node.Kind != ConfigNodeKind.Section) continue;
            File(node, $"{Key}:{i}");
            Route(node, $"{Key}:{i}", routes);
            Reachable(node, $"{Key}:{i}");
            var settings = SettingsBinder.PageConditions(new SettingsBinder.Section(node, baseFolder), s_nothing);
            if (seen.Find(s => s.Settings.SameConditions(settings)) is { Settings: not null } other)
            {
                Add(node.Position, $"{Key}:{i}", $"is for the same failures as {Key}:{other.Number}; give one of them another Route, Cause, Status or Language");
            }

            seen.Add((settings, i));
        }
    }

    /// <summary>What a file holds now, to see whether it has changed; empty when it cannot be read.</summary>
    public static byte[] HashOf(string path) => TryReadFile(path, out var bytes) is null ? SHA256.HashData(bytes) : [];

    private void File(ConfigNode node, string key)
    {
        if (node.Find("File") is not { Kind: ConfigNodeKind.Text, Text.Length: > 0 } file) return;
        var path = Path.GetFullPath(file.Text, baseFolder);
        if (_hashes.ContainsKey(path)) return;
        if (TryReadFile(path, out var bytes) is { } reason)
        {
            _hashes[path] = [];
            Add(file.Position, key + ":File", reason);
            return;
        }

        _hashes[path] = SHA256.HashData(bytes);
        if (bytes.Length > MaxFileBytes)
        {
            Add(file.Position, key + ":File", $"{path} is larger than {ByteSizes.Write(MaxFileBytes)}; every failing request would be sent it");
        }
        else if (new PageTemplateReader(path, key + ":File", mistakes).Read(bytes) is { } page)
        {
            _pages[path] = page;
        }
    }

    private void Route(ConfigNode node, string key, List<string> routes)
    {
        if (node.Find("Route") is not { Kind: ConfigNodeKind.Text, Text.Length: > 0 } route || routes.Contains(route.Text, StringComparer.OrdinalIgnoreCase)) return;
        var near = Spelling.Nearest(route.Text, routes) ?? (routes.Count == 1 ? routes[0] : null);
        Add(route.Position, key + ":Route", $"names the route \"{route.Text}\", which ReverseProxy:Routes does not have", near is null ? null : $"\"{near}\"");
    }

    /// <summary>Said where a page can never be shown.</summary>
    private void Reachable(ConfigNode node, string key)
    {
        if (node.Find("Cause") is not { Kind: ConfigNodeKind.Text } cause || !CauseCatalogue.TryGet(cause.Text, out var known)) return;
        if (known.Status is 0 or 499)
        {
            Add(cause.Position, key + ":Cause", known.Status == 0
                ? $"{known.Id} is the app's own answer, which is passed on as it is: this page is never shown"
                : $"{known.Id} means that the visitor has gone: this page is never shown", isWarning: true);
        }
        else if (node.Find("Status") is { IsScalar: true } status && StatusPattern.TryParse(status.Text, out var pattern) && !pattern.Matches(known.Status) && known.Id != CauseId.ClientRequestTooLarge)
        {
            Add(status.Position, key + ":Status", $"{known.Id} is answered with {known.Status}, not with {status.Text}: this page is never shown", isWarning: true);
        }
    }

    /// <returns>Why it cannot be read.</returns>
    private static string? TryReadFile(string path, out byte[] bytes)
    {
        bytes = [];
        try
        {
            if (Directory.Exists(path)) return $"{path} is a folder, not a file";
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var buffer = new byte[MaxFileBytes + 1];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            bytes = buffer[..length];
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"{path} does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            return $"{path} cannot be read: permission denied";
        }
        catch (IOException e)
        {
            return $"{path} cannot be read: {e.Message}";
        }
    }

    private void Add(ConfigPosition at, string key, string message, string? suggestion = null, bool isWarning = false) => mistakes.Add(new ConfigMistake
    {
        File = at.File,
        Line = at.Line,
        Column = at.Column,
        Key = key,
        Message = message,
        Suggestion = suggestion,
        IsWarning = isWarning,
    });
}
