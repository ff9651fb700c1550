using System.Net;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Whether the admin listener is safe where it listens: elsewhere than on this machine it needs credentials.</summary>
internal sealed class AdminChecks(ConfigNode? gateway, List<ConfigMistake> mistakes)
{
    private const string Key = "ProxyGate:Admin";

    public void Run(ListenAddress admin, ConfigPosition position)
    {
        var section = gateway?.Find("Admin");
        var users = section?.Find("Users") is { Kind: ConfigNodeKind.List } list ? list.Items : [];
        var oidc = section?.Find("Oidc") is { Kind: ConfigNodeKind.Section } node ? node : null;
        var credentials = users.Count > 0 || oidc is not null;
        if (admin.IsHttps && gateway?.Find("Certificates") is not { Items.Count: > 0 })
            Add(position, $"{Key}:Listen", "is https but there is no certificate; add one to ProxyGate:Certificates");
        if (!admin.IsLoopback && !credentials)
        {
            Add(position, $"{Key}:Listen", $"is {admin}, which others can reach, and nobody has to sign in; add ProxyGate:Admin:Users or ProxyGate:Admin:Oidc, or use a loopback address or a unix socket",
                $"\"http://127.0.0.1:{admin.Port}\"");
        }
        else if (!admin.IsLoopback && !admin.IsHttps)
        {
            Add(position, $"{Key}:Listen", $"is {admin}: passwords and sessions cross the network unencrypted; use https with a certificate", isWarning: true);
        }

        SameNames(users);
        if (oidc is not null) Oidc(oidc);
    }

    private void SameNames(List<ConfigNode> users)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < users.Count; i++)
        {
            if (users[i].Find("Name") is { Kind: ConfigNodeKind.Text } name && !seen.Add(name.Text))
                Add(name.Position, $"{Key}:Users:{i}:Name", $"is the name of another user, too: \"{name.Text}\"");
        }
    }

    private void Oidc(ConfigNode oidc)
    {
        if (oidc.Find("Authority") is { Kind: ConfigNodeKind.Text, Text.Length: > 0 } authority)
        {
            if (!Uri.TryCreate(authority.Text, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Query.Length > 0)
                Add(authority.Position, $"{Key}:Oidc:Authority", "must be a URL such as https://login.example/realm");
            else if (uri.Scheme == "http" && !IsHere(uri))
                Add(authority.Position, $"{Key}:Oidc:Authority", "is http; who is between could sign anybody in", $"\"https{authority.Text[4..]}\"");
        }

        if (oidc.Find("Allowed") is not { Kind: ConfigNodeKind.List, Items.Count: > 0 })
            Add(oidc.Position, $"{Key}:Oidc", "has no Allowed: everybody whom the provider signs in for this client is let in", isWarning: true);
    }

    private static bool IsHere(Uri uri) =>
        uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

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
