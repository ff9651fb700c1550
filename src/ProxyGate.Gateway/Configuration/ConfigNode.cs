namespace ProxyGate.Gateway.Configuration;

internal enum ConfigNodeKind
{
    Null,
    Text,
    Number,
    Flag,
    List,
    Section,
}

/// <summary>Where a key or value was written.</summary>
internal readonly record struct ConfigPosition(string File, int Line, int Column)
{
    public static ConfigPosition Environment { get; } = new(ConfigMistake.EnvironmentFile, 0, 0);

    public static ConfigPosition CommandLine { get; } = new(ConfigMistake.CommandLineFile, 0, 0);

    public bool IsEnvironment => File == ConfigMistake.EnvironmentFile;
}

/// <summary>One key of a section, with the place of the key itself.</summary>
internal sealed record ConfigProperty(string Name, ConfigPosition Position, ConfigNode Value);

/// <summary>
/// A value of the configuration file that still knows where it was written. Mutable while the environment is laid over it; read-only after.
/// </summary>
internal sealed class ConfigNode(ConfigNodeKind kind, ConfigPosition position)
{
    public ConfigNodeKind Kind { get; private set; } = kind;

    public ConfigPosition Position { get; private set; } = position;

    /// <summary>The text of a scalar as written; <c>true</c> or <c>false</c> for a flag.</summary>
    public string Text { get; private set; } = "";

    public List<ConfigProperty> Properties { get; } = [];

    public List<ConfigNode> Items { get; } = [];

    public bool IsScalar => Kind is ConfigNodeKind.Text or ConfigNodeKind.Number or ConfigNodeKind.Flag;

    public static ConfigNode Scalar(ConfigNodeKind kind, string text, ConfigPosition position) => new(kind, position) { Text = text };

    /// <summary>The value of a key, names compared as .NET configuration does: without regard to case.</summary>
    public ConfigNode? Find(string name) => FindProperty(name)?.Value;

    public ConfigProperty? FindProperty(string name)
    {
        foreach (var property in Properties)
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
                return property;
        }

        return null;
    }

    public void BecomeScalar(string text, ConfigPosition position)
    {
        Become(ConfigNodeKind.Text, position);
        Text = text;
    }

    public void Become(ConfigNodeKind kind, ConfigPosition position)
    {
        Kind = kind;
        Position = position;
        Text = "";
        Properties.Clear();
        Items.Clear();
    }

    public string Describe() => Kind switch
    {
        ConfigNodeKind.Null => "null",
        ConfigNodeKind.Text => "text",
        ConfigNodeKind.Number => "a number",
        ConfigNodeKind.Flag => "true or false",
        ConfigNodeKind.List => "a list [ … ]",
        _ => "a section { … }",
    };
}
