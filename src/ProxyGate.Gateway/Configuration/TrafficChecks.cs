namespace ProxyGate.Gateway.Configuration;

/// <summary>Combinations of health, balancing and drain that are wrong, or right and hurt.</summary>
internal sealed class TrafficChecks(ConfigNode root, List<ConfigMistake> mistakes)
{
    private static readonly string[] s_heedWeights = ["WeightedRoundRobin", "WeightedLeastRequests", "ConsistentHash"];
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private readonly ConfigNode? _gateway = root.Find(ConfigShape.ProxyGate);

    public void Run()
    {
        var own = Map(_gateway?.Find("Clusters")).DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(c => c.Name, c => c.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var cluster in Map(root.Find(ConfigShape.ReverseProxy)?.Find("Clusters")))
            Cluster(cluster.Name, cluster.Value, own.GetValueOrDefault(cluster.Name));
        Drain(own);
    }

    private void Cluster(string id, ConfigNode cluster, ConfigNode? own)
    {
        var active = cluster.Find("HealthCheck")?.Find("Active");
        var checks = IsTrue(active?.Find("Enabled"));
        var requests = IsTrue(cluster.Find("HealthCheck")?.Find("Passive")?.Find("Enabled"));
        var destinations = Map(cluster.Find("Destinations")).Select(d => d.Name).ToList();
        if (checks) Active($"ReverseProxy:Clusters:{id}:HealthCheck:Active", active!);
        if (checks || requests) LastDestination(id, cluster, own, destinations);
        if (own?.Find("Health") is { Kind: ConfigNodeKind.Section } health) Health(id, health, active, checks, requests);
        Balancing(id, cluster, own, destinations);
    }

    private void Active(string key, ConfigNode active)
    {
        var (interval, timeout) = (Span(active.Find("Interval")) ?? DefaultInterval, Span(active.Find("Timeout")) ?? DefaultTimeout);
        if (timeout >= interval)
        {
            Warn(active.Find("Timeout") ?? active.Find("Interval") ?? active, key,
                $"lets a check take {Durations.Write(timeout)} and begins the next {Durations.Write(interval)} after it: a destination that hangs is found out late, and one that is slow is nearly always being asked",
                $"\"Timeout\": \"{Durations.Write(interval / 2)}\"");
        }
    }

    /// <summary>One destination, and nothing that uses it when its checks fail: a wrong health path is then a full outage.</summary>
    private void LastDestination(string id, ConfigNode cluster, ConfigNode? own, List<string> destinations)
    {
        if (destinations.Count != 1) return;
        var panic = own?.Find("Health")?.Find("Panic");
        var policy = cluster.Find("HealthCheck")?.Find("AvailableDestinationsPolicy");
        var off = panic is { IsScalar: true } ? panic.Text == "0" : policy is { IsScalar: true } && policy.Text.Equals("HealthyAndUnknown", StringComparison.OrdinalIgnoreCase);
        if (off)
        {
            Warn((panic is { IsScalar: true } ? panic : policy)!, panic is { IsScalar: true } ? $"ProxyGate:Clusters:{id}:Health:Panic" : $"ReverseProxy:Clusters:{id}:HealthCheck:AvailableDestinationsPolicy",
                $"takes \"{destinations[0]}\", the only destination, out of use when its checks fail: a mistake in the check is then an outage, although the app may answer",
                panic is { IsScalar: true } ? "\"Panic\": 1" : "\"HealthyOrPanic\"");
        }
    }

    private void Health(string id, ConfigNode health, ConfigNode? active, bool checks, bool requests)
    {
        var key = $"ProxyGate:Clusters:{id}:Health";
        if (!checks && !requests)
        {
            Warn(health, key, $"has no effect: neither HealthCheck:Active nor HealthCheck:Passive of ReverseProxy:Clusters:{id} is enabled");
            return;
        }

        var kind = health.Find("Kind") is { IsScalar: true } written ? written.Text.ToLowerInvariant() : "http";
        if (kind != "http" && active?.Find("Path") is { IsScalar: true } path)
            Warn(path, $"ReverseProxy:Clusters:{id}:HealthCheck:Active:Path", $"is not asked for: the checks of this cluster are of the kind {kind}");
        if (kind != "http" && health.Find("Status") is { } status)
            Warn(status, key + ":Status", $"has no effect on checks of the kind {kind}");
        if (kind != "grpc" && health.Find("Service") is { IsScalar: true, Text.Length: > 0 } service)
            Warn(service, key + ":Service", $"has no effect on checks of the kind {kind}");
    }

    private void Balancing(string id, ConfigNode cluster, ConfigNode? own, List<string> destinations)
    {
        var policy = cluster.Find("LoadBalancingPolicy") is { IsScalar: true } written ? written.Text : "PowerOfTwoChoices";
        foreach (var weight in Map(own?.Find("Weights")).Where(w => !destinations.Contains(w.Name, StringComparer.OrdinalIgnoreCase)))
        {
            Add(weight.Position, $"ProxyGate:Clusters:{id}:Weights:{weight.Name}", $"names the destination \"{weight.Name}\", which ReverseProxy:Clusters:{id}:Destinations does not have",
                Spelling.Nearest(weight.Name, destinations) is { } near ? $"\"{near}\"" : null, isWarning: false);
        }

        if (own?.Find("Weights") is { Properties.Count: > 0 } weights && !s_heedWeights.Contains(policy, StringComparer.OrdinalIgnoreCase))
            Warn(weights, $"ProxyGate:Clusters:{id}:Weights", $"has no effect: the policy {policy} does not heed weights", "\"LoadBalancingPolicy\": \"WeightedRoundRobin\"");
        var hash = own?.Find("Hash");
        var by = hash?.Find("By") is { IsScalar: true } chosen ? chosen.Text.ToLowerInvariant() : "address";
        if (by is "header" or "cookie" && hash!.Find("Name") is null or { Kind: ConfigNodeKind.Null })
            Add(hash!.Position, $"ProxyGate:Clusters:{id}:Hash", $"lacks the key Name, the name of the {(by == "header" ? "header field" : "cookie")} to go by", null, isWarning: false);
        if (hash is not null && !policy.Equals("ConsistentHash", StringComparison.OrdinalIgnoreCase))
            Warn(hash, $"ProxyGate:Clusters:{id}:Hash", $"has no effect: the policy is {policy}", "\"LoadBalancingPolicy\": \"ConsistentHash\"");
    }

    private void Drain(Dictionary<string, ConfigNode> clusters)
    {
        var node = _gateway?.Find("Drain")?.Find("Limit");
        var limit = Span(node) ?? new DrainSettings().Limit;
        var totals = clusters.Select(c => (Key: $"ProxyGate:Clusters:{c.Key}:Timeouts:Total", Node: c.Value.Find("Timeouts")?.Find("Total")))
            .Prepend((Key: "ProxyGate:Timeouts:Total", Node: _gateway?.Find("Timeouts")?.Find("Total")));
        foreach (var (key, total) in totals)
        {
            if (Span(total) is { } longest && longest > limit)
            {
                Warn(node ?? total!, node is null ? key : "ProxyGate:Drain:Limit",
                    $"{(node is null ? $"lets a request take {Durations.Write(longest)}, but a stop ends it" : $"ends requests")} after {Durations.Write(limit)}{(node is null ? " (ProxyGate:Drain:Limit)" : $" at a stop, although {key} lets them take {Durations.Write(longest)}")}");
                return;
            }
        }
    }

    private static bool IsTrue(ConfigNode? node) => node is { IsScalar: true } && node.Text.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static TimeSpan? Span(ConfigNode? node) => node is { IsScalar: true } && Durations.TryParse(node.Text, out var span) ? span : null;

    private static List<ConfigProperty> Map(ConfigNode? node) => node?.Kind == ConfigNodeKind.Section ? node.Properties : [];

    private void Warn(ConfigNode at, string key, string message, string? suggestion = null) => Add(at.Position, key, message, suggestion, isWarning: true);

    private void Add(ConfigPosition at, string key, string message, string? suggestion, bool isWarning) => mistakes.Add(new ConfigMistake
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
