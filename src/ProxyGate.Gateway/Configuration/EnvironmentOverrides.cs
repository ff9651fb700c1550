using System.Collections;
using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// Lays environment variables over the file, as .NET configuration does: <c>ProxyGate__Admin__Listen</c>, <c>ReverseProxy__Clusters__app__…</c>,
/// numbers for the items of a list.
/// </summary>
internal static class EnvironmentOverrides
{
    public static IReadOnlyList<KeyValuePair<string, string>> OfProcess() =>
    [
        .. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(e => KeyValuePair.Create((string)e.Key, e.Value as string ?? "")),
    ];

    public static void Apply(ConfigNode root, IEnumerable<KeyValuePair<string, string>> environment, List<ConfigMistake> mistakes)
    {
        // In order of name, so that the items of a list arrive by number and the outcome does not depend on the environment's order.
        var ours = environment
            .Select(v => (Name: v.Key, Path: v.Key.Replace("__", ":", StringComparison.Ordinal).Split(':'), v.Value))
            .Where(v => v.Path.Length > 1 && (Is(v.Path[0], ConfigShape.ProxyGate) || Is(v.Path[0], ConfigShape.ReverseProxy)))
            .OrderBy(v => v.Path.Length)
            .ThenBy(v => v.Name, NumbersInOrder.Instance);
        foreach (var (_, path, value) in ours)
        {
            if (Set(root, path, value) is { } message)
                mistakes.Add(new ConfigMistake { File = ConfigMistake.EnvironmentFile, Key = string.Join(':', path), Message = message });
        }
    }

    private static string? Set(ConfigNode root, string[] path, string value)
    {
        var node = root;
        foreach (var part in path)
        {
            if (part.Length == 0)
                return "has an empty part between its underscores";
            if (node.Kind == ConfigNodeKind.List)
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index > node.Items.Count)
                    return $"\"{part}\" is not an item of the list; it has {node.Items.Count}, so the next number is {node.Items.Count}";
                if (index == node.Items.Count)
                    node.Items.Add(new ConfigNode(ConfigNodeKind.Null, ConfigPosition.Environment));
                node = node.Items[index];
                continue;
            }

            if (node.Kind == ConfigNodeKind.Null)
            {
                // Nothing there yet: a number begins a list, anything else a section.
                node.Become(part == "0" ? ConfigNodeKind.List : ConfigNodeKind.Section, ConfigPosition.Environment);
                if (node.Kind == ConfigNodeKind.List)
                {
                    node.Items.Add(new ConfigNode(ConfigNodeKind.Null, ConfigPosition.Environment));
                    node = node.Items[0];
                    continue;
                }
            }

            if (node.Kind != ConfigNodeKind.Section)
                return "goes below a single value";
            var property = node.FindProperty(part);
            if (property is null)
            {
                property = new ConfigProperty(part, ConfigPosition.Environment, new ConfigNode(ConfigNodeKind.Null, ConfigPosition.Environment));
                node.Properties.Add(property);
            }

            node = property.Value;
        }

        node.BecomeScalar(value, ConfigPosition.Environment);
        return null;
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private sealed class NumbersInOrder : IComparer<string>
    {
        public static NumbersInOrder Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var a = x!.Split("__");
            var b = y!.Split("__");
            for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
            {
                var order = int.TryParse(a[i], NumberStyles.None, CultureInfo.InvariantCulture, out var m)
                    && int.TryParse(b[i], NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                    ? m.CompareTo(n)
                    : string.CompareOrdinal(a[i], b[i]);
                if (order != 0)
                    return order;
            }

            return a.Length.CompareTo(b.Length);
        }
    }
}
