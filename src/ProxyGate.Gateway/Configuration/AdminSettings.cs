namespace ProxyGate.Gateway.Configuration;

/// <summary>The admin listener, and who may use it.</summary>
internal sealed record AdminSettings
{
    /// <summary>Absent: no admin listener.</summary>
    public string? Listen { get; init; } = "http://127.0.0.1:9180";

    /// <summary>Names the dashboard is asked for by, besides localhost and the listener's address.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<AdminUser> Users { get; init; } = [];

    /// <summary>Absent: no sign-in by a provider.</summary>
    public OidcSettings? Oidc { get; init; }

    /// <summary>What a scraper of the metrics sends as its bearer token; absent: none.</summary>
    public string? MetricsToken { get; init; }

    /// <summary>After this long one signs in again.</summary>
    public TimeSpan SessionLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Whether everyone has to sign in: as soon as there are credentials, wherever the listener is.</summary>
    public bool HasCredentials() => Users.Count > 0 || Oidc is not null;

    /// <summary>Records compare lists by reference.</summary>
    public bool SameProvider(AdminSettings other) =>
        Oidc is null ? other.Oidc is null : other.Oidc is not null && Oidc with { Allowed = other.Oidc.Allowed } == other.Oidc && Oidc.Allowed.SequenceEqual(other.Oidc.Allowed);
}

/// <summary>Somebody who may sign in with a password.</summary>
internal sealed record AdminUser
{
    public required string Name { get; init; }

    /// <summary>As <see cref="Configuration.PasswordHash"/> writes it.</summary>
    public required string PasswordHash { get; init; }
}

/// <summary>A provider of OpenID Connect that signs people in.</summary>
internal sealed record OidcSettings
{
    /// <summary>Where its discovery document is found.</summary>
    public required string Authority { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Absent for a public client, which has PKCE alone.</summary>
    public string? ClientSecret { get; init; }

    /// <summary>The claim that says who somebody is.</summary>
    public string Claim { get; init; } = "email";

    /// <summary>Values of the claim that are let in; empty: everybody the provider signs in for this client.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];
}
