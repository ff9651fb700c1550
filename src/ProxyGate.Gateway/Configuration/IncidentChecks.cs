namespace ProxyGate.Gateway.Configuration;

/// <summary>What of the incidents' settings needs what.</summary>
internal sealed class IncidentChecks(List<ConfigMistake> mistakes)
{
    private const string Key = "ProxyGate:Incidents";

    public void Run(ConfigNode? section)
    {
        if (section is not { Kind: ConfigNodeKind.Section }) return;
        var store = section.Find("Store") is { Kind: ConfigNodeKind.Text } node ? node.Text.ToLowerInvariant() : new IncidentSettings().Store;
        var server = section.Find("ConnectionString") is { Kind: ConfigNodeKind.Text } text ? text : null;
        if (store == "postgres" && server is null)
            Add(section.Find("Store")!.Position, $"{Key}:Store", "is postgres, which needs the server in ProxyGate:Incidents:ConnectionString", "\"ConnectionString\": \"Host=localhost;Database=proxygate\"");
        if (store != "postgres" && server is not null)
            Add(server.Position, $"{Key}:ConnectionString", $"is not used: ProxyGate:Incidents:Store is {store}", store == "sqlite" ? "\"Store\": \"postgres\"" : null, isWarning: true);
        if (store != "sqlite" && section.Find("File") is { Kind: ConfigNodeKind.Text } file)
            Add(file.Position, $"{Key}:File", $"is not used: ProxyGate:Incidents:Store is {store}", isWarning: true);
        var webhooks = section.Find("Webhooks")?.Items ?? [];
        for (var i = 0; i < webhooks.Count; i++) Webhook(webhooks[i], $"{Key}:Webhooks:{i}");
    }

    private void Webhook(ConfigNode webhook, string key)
    {
        if (webhook.Find("On") is { Kind: ConfigNodeKind.List, Items.Count: 0 } on)
            Add(on.Position, key + ":On", "is empty: this webhook is never told of anything", isWarning: true);
        if (webhook.Find("Url") is not { Kind: ConfigNodeKind.Text } url || !Uri.TryCreate(url.Text, UriKind.Absolute, out var uri)) return;
        if (UnixDestinations.TryGetPath(uri.Host, out _) || url.Text.Contains("//unix:", StringComparison.OrdinalIgnoreCase))
            Add(url.Position, key + ":Url", "is a unix socket; a webhook is posted to an http:// or https:// address");
        else if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback)
            Add(url.Position, key + ":Url", "is http: the message names routes, addresses and what went wrong, and everyone on the way can read it", $"\"https{url.Text[4..]}\"", isWarning: true);
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
