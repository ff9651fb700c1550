namespace ProxyGate.Gateway.Configuration;

/// <summary>Combinations of limits and retries that are valid and hurt.</summary>
internal sealed class ResilienceChecks(ConfigNode? gateway, ConfigNode? proxy, List<ConfigMistake> mistakes)
{
    private static readonly TimeSpan UsualKeepAlive = TimeSpan.FromSeconds(60);
    private static readonly TimeoutSettings DefaultTimeouts = new();
    private static readonly RetrySettings DefaultRetries = new();

    public void Run()
    {
        if (gateway is null) return;
        const string Root = ConfigShape.ProxyGate;
        Judge(Root, gateway, null);
        foreach (var cluster in Properties("Clusters")) Judge($"{Root}:Clusters:{cluster.Name}", cluster.Value, gateway);
        foreach (var route in Properties("Routes"))
        {
            if (route.Value.Kind == ConfigNodeKind.Section) Timeouts($"{Root}:Routes:{route.Name}", route.Value, gateway);
            UnknownRoute(route);
        }
    }

    private void Judge(string key, ConfigNode section, ConfigNode? above)
    {
        if (section.Kind != ConfigNodeKind.Section) return;
        Timeouts(key, section, above);
        Retries(key, section, above);
        Breaker(key, section);
        Queue(key, section, above);
    }

    private void Timeouts(string key, ConfigNode section, ConfigNode? above)
    {
        var own = section.Find("Timeouts");
        if (own is null) return;
        var total = Find(section, above, "Timeouts", "Total");
        var connect = Time(Find(section, above, "Timeouts", "Connect")) ?? DefaultTimeouts.Connect;
        if (own.Find("Total") is not null || own.Find("Connect") is not null)
        {
            if (Time(total) is { } limit && limit < connect)
                Warn(total!, key + ":Timeouts:Total", $"is {Durations.Write(limit)}, below Connect ({Durations.Write(connect)}): a destination that does not answer uses up the whole request, and no other is tried");
        }

        if (own.Find("KeepAlive") is { } keepAlive && Time(keepAlive) is { } idle && idle > UsualKeepAlive)
            Warn(keepAlive, key + ":Timeouts:KeepAlive", $"is {Durations.Write(idle)}: many apps close idle connections after 60 s or sooner, and a request that meets such a close may fail", $"\"{Durations.Write(DefaultTimeouts.KeepAlive)}\"");
    }

    private void Retries(string key, ConfigNode section, ConfigNode? above)
    {
        var own = section.Find("Retries");
        if (own?.Find("BudgetPercent") is { Kind: ConfigNodeKind.Null } none && (Number(Find(section, above, "Retries", "Attempts")) ?? DefaultRetries.Attempts) > 1)
            Warn(none, key + ":Retries:BudgetPercent", "is null: without a budget every request of an outage is sent several times", "20");
        if (own?.Find("Attempts") is { } attempts && Number(attempts) is > 5 and var many)
            Warn(attempts, key + ":Retries:Attempts", $"is {many}: what fails so often fails for a reason, and the visitor waits for all of them", "3");
        if (own?.Find("Backoff") is { } backoff && Time(backoff) is { } wait && wait > (Time(Find(section, above, "Retries", "MaxBackoff")) ?? DefaultRetries.MaxBackoff))
            Warn(backoff, key + ":Retries:Backoff", "is above MaxBackoff, which holds");
    }

    private void Breaker(string key, ConfigNode section)
    {
        if (section.Find("CircuitBreaker")?.Find("Break") is { } length && Time(length) is { } time && time > TimeSpan.FromSeconds(5))
            Warn(length, key + ":CircuitBreaker:Break", $"is {Durations.Write(time)}: for so long nobody sees that the destination is back", "\"500ms\"");
    }

    private void Queue(string key, ConfigNode section, ConfigNode? above)
    {
        if (section.Find("Concurrency") is not { Kind: ConfigNodeKind.Section } own) return;
        var limited = Find(section, above, "Concurrency", "MaxPerDestination") is { Kind: not ConfigNodeKind.Null };
        if (!limited && own.Find("Queue") is { } queue)
            Warn(queue, key + ":Concurrency:Queue", "has no effect: there is a queue only where MaxPerDestination is set");
        var time = own.Find("QueueTime");
        if (Time(time) is { } wait && Time(Find(section, above, "Timeouts", "Total")) is { } total && wait > total)
            Warn(time!, key + ":Concurrency:QueueTime", "is above Timeouts:Total: whoever waits so long is not answered any more");
    }

    private void UnknownRoute(ConfigProperty route)
    {
        var known = (proxy?.Find("Routes") is { Kind: ConfigNodeKind.Section } routes ? routes.Properties : []).Select(r => r.Name).ToList();
        if (known.Contains(route.Name, StringComparer.OrdinalIgnoreCase)) return;
        var nearest = Spelling.Nearest(route.Name, known) ?? (known.Count == 1 ? known[0] : null);
        mistakes.Add(Mistake(route.Position, $"ProxyGate:Routes:{route.Name}", $"names the route \"{route.Name}\", which ReverseProxy:Routes does not have", nearest is null ? null : $"\"{nearest}\"", isWarning: false));
    }

    private List<ConfigProperty> Properties(string name) => gateway?.Find(name) is { Kind: ConfigNodeKind.Section } map ? map.Properties : [];

    /// <summary>A value where it stands: in the section itself, else in the one above.</summary>
    private static ConfigNode? Find(ConfigNode section, ConfigNode? above, string group, string key) => section.Find(group)?.Find(key) ?? above?.Find(group)?.Find(key);

    private static TimeSpan? Time(ConfigNode? node) => node is { IsScalar: true } && Durations.TryParse(node.Text, out var time) ? time : null;

    private static int? Number(ConfigNode? node) =>
        node is { IsScalar: true } && int.TryParse(node.Text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Warn(ConfigNode at, string key, string message, string? suggestion = null) => mistakes.Add(Mistake(at.Position, key, message, suggestion, isWarning: true));

    private static ConfigMistake Mistake(ConfigPosition at, string key, string message, string? suggestion, bool isWarning) => new()
    {
        File = at.File,
        Line = at.Line,
        Column = at.Column,
        Key = key,
        Message = message,
        Suggestion = suggestion,
        IsWarning = isWarning,
    };
}
