namespace ProxyGate.Gateway.Configuration;

/// <summary>Mistakes that no single value shows: references, addresses given twice, what needs what.</summary>
internal sealed class CrossChecks(ConfigNode root, string file, List<ConfigMistake> mistakes)
{
    private readonly ConfigNode? _gateway = root.Find(ConfigShape.ProxyGate);
    private readonly ConfigNode? _proxy = root.Find(ConfigShape.ReverseProxy);

    public void Run(string baseFolder, DateTimeOffset now)
    {
        Routes();
        SameMatch();
        Clusters();
        GatewayClusters();
        Listens();
        Admin();
        new TrafficChecks(root, mistakes).Run();
        new ResilienceChecks(_gateway, _proxy, mistakes).Run();
        new IncidentChecks(mistakes).Run(_gateway?.Find("Incidents"));
        new CertificateChecks(baseFolder, now, mistakes).Run(_gateway);
    }

    private void Routes()
    {
        var routes = Map(_proxy?.Find("Routes"));
        if (routes.Count == 0)
            Add(_proxy?.Position ?? new ConfigPosition(file, 1, 1), ConfigShape.ReverseProxy, "has no routes: every request will be answered with 404", isWarning: true);
        var clusters = ClusterIds();
        foreach (var route in routes.Where(r => r.Value.Kind == ConfigNodeKind.Section))
        {
            var key = $"ReverseProxy:Routes:{route.Name}";
            // The shell's way to say "everything below" is a valid pattern, for a path that really has an asterisk.
            if (route.Value.Find("Match")?.Find("Path") is { Kind: ConfigNodeKind.Text } path && path.Text.EndsWith("/*", StringComparison.Ordinal))
                Add(path.Position, key + ":Match:Path", "matches only a path that ends in an asterisk", $"\"{path.Text[..^1]}{{**rest}}\"", isWarning: true);
            var cluster = route.Value.Find("ClusterId");
            if (cluster is null or { Kind: ConfigNodeKind.Null })
                Add(route.Position, key, "has no ClusterId, so nothing can serve it", clusters.Count == 1 ? $"\"ClusterId\": \"{clusters[0]}\"" : null);
            else if (cluster.Kind == ConfigNodeKind.Text && cluster.Text.Length > 0 && !clusters.Contains(cluster.Text, StringComparer.OrdinalIgnoreCase))
                Add(cluster.Position, key + ":ClusterId", $"names the cluster \"{cluster.Text}\", which does not exist", Quoted(NearestId(cluster.Text, clusters)));
        }
    }

    /// <summary>Two routes that match exactly the same requests make every such request fail as ambiguous.</summary>
    private void SameMatch()
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var route in Map(_proxy?.Find("Routes")))
        {
            if (route.Value.Find("Match") is not { Kind: ConfigNodeKind.Section } match
                || match.Find("Headers") is { Items.Count: > 0 }
                || match.Find("QueryParameters") is { Items.Count: > 0 })
                continue;
            var signature = string.Join('\n', Words(match, "Methods"), Words(match, "Hosts"), match.Find("Path")?.Text.TrimEnd('/'), route.Value.Find("Order")?.Text ?? "0");
            if (!seen.TryAdd(signature, route.Name))
            {
                Add(route.Position, $"ReverseProxy:Routes:{route.Name}",
                    $"matches exactly the same requests as the route \"{seen[signature]}\"; narrow its Match or give it another Order");
            }
        }

        static string Words(ConfigNode match, string key) =>
            string.Join(',', (match.Find(key)?.Items ?? []).Select(i => i.Text.ToUpperInvariant()).Order(StringComparer.Ordinal));
    }

    private void Clusters()
    {
        var used = Map(_proxy?.Find("Routes")).Select(r => r.Value.Find("ClusterId")?.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in Map(_proxy?.Find("Clusters")))
        {
            var key = $"ReverseProxy:Clusters:{cluster.Name}";
            if (cluster.Value.Kind is ConfigNodeKind.Section or ConfigNodeKind.Null && Map(cluster.Value.Find("Destinations")).Count == 0)
                Add(cluster.Position, key, "has no destinations: its requests will be answered with 503", isWarning: true);
            if (!used.Contains(cluster.Name))
                Add(cluster.Position, key, "is used by no route", isWarning: true);
        }
    }

    private void GatewayClusters()
    {
        var clusters = ClusterIds();
        foreach (var cluster in Map(_gateway?.Find("Clusters")))
        {
            if (!clusters.Contains(cluster.Name, StringComparer.OrdinalIgnoreCase))
            {
                Add(cluster.Position, $"ProxyGate:Clusters:{cluster.Name}", $"names the cluster \"{cluster.Name}\", which ReverseProxy:Clusters does not have",
                    Quoted(NearestId(cluster.Name, clusters)));
            }
        }
    }

    private void Listens()
    {
        var list = _gateway?.Find("Listen");
        if (list is { Kind: ConfigNodeKind.List, Items.Count: 0 })
            Add(list.Position, "ProxyGate:Listen", "is empty: the gateway would listen nowhere");

        var seen = new List<(ListenAddress Address, string Key)>();
        var https = 0;
        foreach (var (address, item, key) in ParsedListens())
        {
            if (seen.Find(s => s.Address.Overlaps(address)) is { Address: not null } other)
            {
                Add(item.Position, key, other.Address == address
                    ? $"is the same address as {other.Key}"
                    : $"overlaps {other.Key} ({other.Address}); the system lets only one of them bind");
            }

            seen.Add((address, key));
            if (!address.IsHttps)
                continue;
            https++;
            if (_gateway?.Find("Certificates") is not { Items.Count: > 0 })
                Add(item.Position, key, "is https but there is no certificate; add one to ProxyGate:Certificates");
        }

        if (_gateway?.Find("RedirectToHttps") is { IsScalar: true } redirect && redirect.Text.Equals("true", StringComparison.OrdinalIgnoreCase) && https == 0)
            Add(redirect.Position, "ProxyGate:RedirectToHttps", "has no https address in ProxyGate:Listen to redirect to");
        if (https == 0 && !AdminIsHttps() && _gateway?.Find("Certificates") is { Items.Count: > 0 } certificates)
            Add(certificates.Position, "ProxyGate:Certificates", "is not used: no address in ProxyGate:Listen is https", isWarning: true);
    }

    private bool AdminIsHttps() => _gateway?.Find("Admin")?.Find("Listen") is { Kind: ConfigNodeKind.Text } listen && listen.Text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private void Admin()
    {
        const string Key = "ProxyGate:Admin:Listen";
        var node = _gateway?.Find("Admin")?.Find("Listen");
        var text = node is null ? new AdminSettings().Listen : node.Kind == ConfigNodeKind.Text ? node.Text : null;
        if (text is null || !ListenAddress.TryParse(text, out var admin, out _, out _))
            return;
        var position = node?.Position ?? _gateway?.Position ?? new ConfigPosition(file, 1, 1);
        new AdminChecks(_gateway, mistakes).Run(admin, position);
        if (ParsedListens().FirstOrDefault(l => l.Address.Overlaps(admin)) is { Address: not null } other)
            Add(position, Key, $"{(node is null ? $"has the default {text}, which " : "")}overlaps {other.Key} ({other.Address}); the system lets only one of them bind");
    }

    private IEnumerable<(ListenAddress Address, ConfigNode Item, string Key)> ParsedListens()
    {
        var list = _gateway?.Find("Listen");
        if (list is null)
        {
            foreach (var text in new GatewaySettings().Listen)
            {
                if (ListenAddress.TryParse(text, out var address, out _, out _))
                    yield return (address, root, "ProxyGate:Listen:0");
            }

            yield break;
        }

        for (var i = 0; i < list.Items.Count; i++)
        {
            if (list.Items[i].Kind == ConfigNodeKind.Text && ListenAddress.TryParse(list.Items[i].Text, out var address, out _, out _))
                yield return (address, list.Items[i], $"ProxyGate:Listen:{i}");
        }
    }

    private List<string> ClusterIds() => [.. Map(_proxy?.Find("Clusters")).Select(c => c.Name)];

    private static string? NearestId(string id, List<string> ids) => Spelling.Nearest(id, ids) ?? (ids.Count == 1 ? ids[0] : null);

    private static string? Quoted(string? text) => text is null ? null : $"\"{text}\"";

    private static List<ConfigProperty> Map(ConfigNode? node) => node?.Kind == ConfigNodeKind.Section ? node.Properties : [];

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
