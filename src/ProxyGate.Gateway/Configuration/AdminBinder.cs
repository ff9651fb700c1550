namespace ProxyGate.Gateway.Configuration;

/// <summary>Turns the checked <c>ProxyGate:Admin</c> section into settings.</summary>
internal static class AdminBinder
{
    public static AdminSettings Bind(SettingsBinder.Section section)
    {
        var defaults = new AdminSettings();
        return new AdminSettings
        {
            Listen = section.Text("Listen", defaults.Listen),
            Names = section.Strings("Names") ?? defaults.Names,
            Users = [.. section.Items("Users").Select(u => new AdminUser { Name = u.Text("Name", null) ?? "", PasswordHash = u.Text("PasswordHash", null) ?? "" })],
            Oidc = section.Child("Oidc") is { Node.Kind: ConfigNodeKind.Section } oidc ? Oidc(oidc) : null,
            MetricsToken = section.Text("MetricsToken", defaults.MetricsToken),
            SessionLifetime = section.Duration("SessionLifetime", defaults.SessionLifetime),
        };
    }

    private static OidcSettings Oidc(SettingsBinder.Section section) => new()
    {
        Authority = (section.Text("Authority", null) ?? "").TrimEnd('/'),
        ClientId = section.Text("ClientId", null) ?? "",
        ClientSecret = section.Text("ClientSecret", null),
        Claim = section.Text("Claim", null) ?? "email",
        Allowed = section.Strings("Allowed") ?? [],
    };
}
