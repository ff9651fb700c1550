using static ProxyGate.Gateway.Configuration.Shapes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The keys of <c>ProxyGate:Admin</c>.</summary>
internal static class AdminShape
{
    public static SectionShape Section() => new(
    [
        new("Listen", Listen() with { Nullable = true },
            "Address of the admin listener. On a loopback address or a unix socket nobody has to sign in; elsewhere it needs Users or Oidc. https:// uses ProxyGate:Certificates. null: none. A change needs a restart.",
            "\"http://127.0.0.1:9180\""),
        new("Names", new ListShape(Name("a host name such as gateway.example")),
            "Host names the dashboard is asked for by, besides localhost and the listener's own address. Any other is refused, because a page can make a browser ask under its own name.", "[]"),
        new("Users", new ListShape(new SectionShape(
        [
            new("Name", Line("a name", 100) with { Check = CheckName }, "What the person types.") { Required = true },
            new("PasswordHash", Hash(), "The password's hash, as proxygate check --hash-password prints it.") { Required = true },
        ])), "Who may sign in with a password. As soon as there is one, everybody has to sign in. A change is taken over at once, and who is no longer here is signed out.", "[]"),
        new("Oidc", Oidc() with { Nullable = true }, "Sign-in by a provider of OpenID Connect. A change needs a restart."),
        new("MetricsToken", Name("a token of at least 16 characters") with { Nullable = true, Check = CheckToken },
            "What a scraper of /metrics sends as Authorization: Bearer TOKEN where one has to sign in. null: only from this machine.", "null"),
        new("SessionLifetime", Duration(TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)), "After this long one signs in again: 1m to 30d.", "\"12h\""),
    ]);

    private static SectionShape Oidc() => new(
    [
        new("Authority", Name("a URL such as https://login.example/realm"), "The provider: its discovery document is at AUTHORITY/.well-known/openid-configuration.") { Required = true },
        new("ClientId", Name("the id the provider gave"), "The id the provider knows this gateway by. The redirect address to register there is the dashboard's with the path /sign-in/oidc.") { Required = true },
        new("ClientSecret", Text() with { Nullable = true }, "The secret that goes with it. null: a public client.", "null"),
        new("Claim", Name("the name of a claim"), "The claim that says who somebody is. An email counts only when the provider says email_verified; otherwise take sub or preferred_username.", "\"email\""),
        new("Allowed", new ListShape(Name("a value of the claim")), "Values of the claim that are let in. Empty: everybody whom the provider signs in for this client.", "[]"),
    ]);

    private static ScalarShape Hash() => Text("a password hash") with
    {
        Check = static text => PasswordHash.TryParse(text, out _, out var mistake) ? null : new ScalarMistake(mistake),
    };

    private static ScalarMistake? CheckName(string text) =>
        string.IsNullOrWhiteSpace(text) ? new ScalarMistake("must not be empty: it is a name")
        : text.Length > 100 ? new ScalarMistake("is longer than the 100 characters a name can have")
        : text.Any(char.IsControl) ? new ScalarMistake("holds a control character") : null;

    private static ScalarMistake? CheckToken(string text) =>
        text.Length < 16 ? new ScalarMistake("is shorter than 16 characters and could be guessed")
        : text.Any(c => c is <= ' ' or > '~') ? new ScalarMistake("holds a character that a header field cannot carry; use letters and digits") : null;
}
