namespace ProxyGate.Gateway.Configuration;

/// <summary>The configuration of <c>proxygate run --to URL</c>: one catch-all route to one destination.</summary>
internal static class CommandLineConfig
{
    private const string Id = "default";

    public static Task<ConfigResult> FromToAsync(
        string to,
        IReadOnlyList<string> listen,
        IEnumerable<KeyValuePair<string, string>> environment,
        string? baseFolder = null,
        TimeProvider? time = null)
    {
        var root = Section(("ReverseProxy", Section(
            ("Routes", Section((Id, Section(
                ("ClusterId", Text(Id)),
                ("Match", Section(("Path", Text("/{**catchall}")))))))),
            ("Clusters", Section((Id, Section(
                ("Destinations", Section((Id, Section(("Address", Text(to)))))))))))));
        return ConfigLoader.EvaluateAsync(
            root, complete: true, file: null, baseFolder ?? Environment.CurrentDirectory, environment, listen, [], time);
    }

    /// <summary>Puts the addresses of the command line in the place of those of the file.</summary>
    public static void SetListen(ConfigNode root, IReadOnlyList<string> listen)
    {
        var gateway = root.Find(ConfigShape.ProxyGate);
        if (gateway is null)
            root.Properties.Add(new ConfigProperty(ConfigShape.ProxyGate, ConfigPosition.CommandLine, gateway = Section()));
        if (gateway.Kind != ConfigNodeKind.Section)
            return;
        var list = new ConfigNode(ConfigNodeKind.List, ConfigPosition.CommandLine);
        list.Items.AddRange(listen.Select(Text));
        gateway.Properties.RemoveAll(p => string.Equals(p.Name, "Listen", StringComparison.OrdinalIgnoreCase));
        gateway.Properties.Add(new ConfigProperty("Listen", ConfigPosition.CommandLine, list));
    }

    private static ConfigNode Text(string text) => ConfigNode.Scalar(ConfigNodeKind.Text, text, ConfigPosition.CommandLine);

    private static ConfigNode Section(params (string Name, ConfigNode Value)[] properties)
    {
        var section = new ConfigNode(ConfigNodeKind.Section, ConfigPosition.CommandLine);
        section.Properties.AddRange(properties.Select(p => new ConfigProperty(p.Name, ConfigPosition.CommandLine, p.Value)));
        return section;
    }
}
