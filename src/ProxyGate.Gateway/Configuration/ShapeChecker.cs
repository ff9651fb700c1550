namespace ProxyGate.Gateway.Configuration;

/// <summary>Holds a tree of nodes against the shape it should have and names every difference.</summary>
internal sealed class ShapeChecker(List<ConfigMistake> mistakes)
{
    private static readonly char[] ListSeparators = [',', ';', ' ', '\t'];

    public void Check(ConfigNode root)
    {
        foreach (var property in root.Properties)
        {
            if (ConfigShape.Root.Find(property.Name) is { } key)
                Check(property.Value, key.Shape, key.Name);
            else if (ConfigShape.ForeignSections.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                Add(property.Position, property.Name, "belongs to ASP.NET Core and has no effect here", isWarning: true);
            else
                Unknown(property, property.Name, ConfigShape.Root);
        }
    }

    private void Check(ConfigNode node, Shape shape, string path)
    {
        if (node.Position.IsEnvironment)
            Adapt(node, shape);
        if (node.Kind == ConfigNodeKind.Null)
        {
            if (!shape.Nullable)
                Add(node.Position, path, $"must not be null: it must be {Expected(shape)}; leave the key out for its default");
            return;
        }

        switch (shape)
        {
            case SectionShape section when Is(node, ConfigNodeKind.Section, section, path):
                CheckSection(node, section, path);
                break;
            case MapShape map when Is(node, ConfigNodeKind.Section, map, path):
                CheckMap(node, map, path);
                break;
            case ListShape list when Is(node, ConfigNodeKind.List, list, path):
                for (var i = 0; i < node.Items.Count; i++)
                    Check(node.Items[i], list.Item, $"{path}:{i}");
                break;
            case TransformShape when Is(node, ConfigNodeKind.Section, shape, path):
                CheckTransform(node, path);
                break;
            case ScalarShape scalar:
                CheckScalar(node, scalar, path);
                break;
        }
    }

    private void CheckSection(ConfigNode node, SectionShape section, string path)
    {
        foreach (var property in node.Properties)
        {
            if (section.Find(property.Name) is { } key)
                Check(property.Value, key.Shape, $"{path}:{key.Name}");
            else
                Unknown(property, $"{path}:{property.Name}", section);
        }

        foreach (var key in section.Keys)
        {
            // A misspelt key is said once, as misspelt.
            var misspelt = node.Properties.Any(p => section.Find(p.Name) is null && Spelling.Nearest(p.Name, section.Keys.Select(k => k.Name)) == key.Name);
            if (key.Required && !misspelt && node.Find(key.Name) is null)
                Add(node.Position, path, $"lacks the key {key.Name}, {Expected(key.Shape)}");
        }
    }

    private void CheckMap(ConfigNode node, MapShape map, string path)
    {
        foreach (var property in node.Properties)
        {
            var key = $"{path}:{property.Name}";
            if (property.Name.Length == 0)
                Add(property.Position, path, $"has {Article(map.What)} {map.What} without a name");
            else if (property.Name.Contains(':', StringComparison.Ordinal))
                Add(property.Position, key, $"a {map.What}'s name cannot contain a colon, which separates keys", $"\"{property.Name.Replace(':', '-')}\"");
            else
                Check(property.Value, map.Value, key);
        }
    }

    private void CheckTransform(ConfigNode node, string path)
    {
        foreach (var property in node.Properties)
        {
            if (property.Value.Kind is ConfigNodeKind.Section or ConfigNodeKind.List or ConfigNodeKind.Null)
                Add(property.Value.Position, $"{path}:{property.Name}", $"must be text, not {property.Value.Describe()}");
        }

        if (node.Properties.Count == 0)
        {
            Add(node.Position, path, "is empty; a transform is named by a key such as PathPrefix or RequestHeader");
            return;
        }

        var named = node.Properties.FirstOrDefault(p => TransformNames.All.ContainsKey(p.Name));
        if (named is null)
        {
            var first = node.Properties[0];
            var near = node.Properties.Select(p => Spelling.Nearest(p.Name, TransformNames.All.Keys)).FirstOrDefault(n => n is not null);
            Add(first.Position, $"{path}:{first.Name}", "is not a known transform", near);
            return;
        }

        var beside = TransformNames.All[named.Name];
        foreach (var property in node.Properties)
        {
            if (property == named || beside.Contains(property.Name, StringComparer.OrdinalIgnoreCase))
                continue;
            Add(property.Position, $"{path}:{property.Name}",
                TransformNames.All.ContainsKey(property.Name)
                    ? $"is a second transform beside {named.Name}; give each its own {{ … }}"
                    : $"is unknown beside the transform {named.Name}", Spelling.Nearest(property.Name, beside));
        }
    }

    private void CheckScalar(ConfigNode node, ScalarShape shape, string path)
    {
        if (!node.IsScalar)
        {
            Add(node.Position, path, $"must be {shape.Expected}, not {node.Describe()}");
            return;
        }

        var wrongType = shape.Type switch
        {
            ScalarType.Text or ScalarType.Destination => node.Kind != ConfigNodeKind.Text,
            ScalarType.Flag => node.Kind == ConfigNodeKind.Number,
            ScalarType.Duration => node.Kind != ConfigNodeKind.Text,
            _ => node.Kind == ConfigNodeKind.Flag,
        };
        if (wrongType)
        {
            var suggestion = shape.Type switch
            {
                ScalarType.Duration => Durations.Suggest(node.Text),
                ScalarType.Flag => node.Text switch { "0" => "false", "1" => "true", _ => null },
                _ => null,
            };
            Add(node.Position, path, $"must be {shape.Expected}, not {(node.Kind == ConfigNodeKind.Flag ? node.Text : $"the number {node.Text}")}", suggestion);
        }
        else if (shape.Check(node.Text) is { } mistake)
        {
            Add(node.Position, path, mistake.Message, mistake.Suggestion);
        }
    }

    private bool Is(ConfigNode node, ConfigNodeKind kind, Shape shape, string path)
    {
        if (node.Kind == kind)
            return true;
        var suggestion = shape is ListShape && node.Kind == ConfigNodeKind.Text ? $"[\"{node.Text}\"]" : null;
        Add(node.Position, path, $"must be {Expected(shape)}, not {node.Describe()}", suggestion);
        return false;
    }

    /// <summary>An environment variable is always text: empty stands for null, and a list may be written in one variable.</summary>
    private static void Adapt(ConfigNode node, Shape shape)
    {
        if (node.Kind != ConfigNodeKind.Text)
            return;
        if (shape is ListShape)
        {
            var items = node.Text.Split(ListSeparators, StringSplitOptions.RemoveEmptyEntries);
            node.Become(ConfigNodeKind.List, node.Position);
            node.Items.AddRange(items.Select(i => ConfigNode.Scalar(ConfigNodeKind.Text, i, ConfigPosition.Environment)));
        }
        else if (shape.Nullable && (node.Text.Length == 0 || node.Text == "null"))
        {
            node.Become(ConfigNodeKind.Null, node.Position);
        }
    }

    private void Unknown(ConfigProperty property, string path, SectionShape section)
    {
        var near = Spelling.Nearest(property.Name, section.Keys.Select(k => k.Name));
        var elsewhere = near is null ? Elsewhere(property.Name) : null;
        Add(property.Position, path, elsewhere is null ? "is an unknown key" : "is an unknown key at this place", near ?? elsewhere);
    }

    /// <summary>A key that is right but stands in the wrong section.</summary>
    private static string? Elsewhere(string name)
    {
        var queue = new Queue<(Shape Shape, string Path)>([(ProxyGateShape.Section, ConfigShape.ProxyGate), (ReverseProxyShape.Section, ConfigShape.ReverseProxy)]);
        while (queue.TryDequeue(out var place))
        {
            switch (place.Shape)
            {
                case SectionShape section:
                    if (section.Find(name) is { } found)
                        return $"{place.Path}:{found.Name}";
                    foreach (var key in section.Keys)
                        queue.Enqueue((key.Shape, $"{place.Path}:{key.Name}"));
                    break;
                case MapShape map:
                    queue.Enqueue((map.Value, $"{place.Path}:<{map.What}>"));
                    break;
                case ListShape list:
                    queue.Enqueue((list.Item, $"{place.Path}:<n>"));
                    break;
            }
        }

        return null;
    }

    private static string Expected(Shape shape) => shape switch
    {
        ScalarShape scalar => scalar.Expected,
        ListShape { Item: ScalarShape item } => $"a list [ … ], each item {item.Expected}",
        ListShape => "a list [ … ]",
        MapShape map => $"a section {{ … }} with {Article(map.What)} {map.What}'s name as each key",
        TransformShape => "a transform { … }",
        _ => "a section { … }",
    };

    private static string Article(string word) => word[0] is 'a' or 'e' or 'i' or 'o' or 'u' ? "an" : "a";

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
