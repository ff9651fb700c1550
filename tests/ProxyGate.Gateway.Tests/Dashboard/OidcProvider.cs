using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>A small provider of OpenID Connect: the code flow with PKCE, for one client, signing in whoever the test says.</summary>
internal sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "proxygate";
    public const string ClientSecret = "a secret of some length";

    private readonly RSA _key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (string Nonce, string Challenge, string Redirect)> _codes = new();
    private WebApplication? _app;

    public string Authority => _app!.Urls.Single();

    /// <summary>The claims of whoever signs in next.</summary>
    public Dictionary<string, object> Claims { get; } = new() { ["sub"] = "1", ["email"] = "anna@example.org", ["email_verified"] = true };

    /// <summary>Says no.</summary>
    public bool Refuses { get; set; }

    public static async Task<OidcProvider> StartAsync()
    {
        var provider = new OidcProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        provider._app = builder.Build();
        provider._app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = provider.Authority,
            ["authorization_endpoint"] = provider.Authority + "/authorize",
            ["token_endpoint"] = provider.Authority + "/token",
            ["jwks_uri"] = provider.Authority + "/keys",
            ["response_types_supported"] = new[] { "code" },
            ["subject_types_supported"] = new[] { "public" },
            ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
        }));
        provider._app.MapGet("/keys", () =>
        {
            var parameters = provider._key.ExportParameters(false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "k", alg = "RS256", n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) } } });
        });
        provider._app.MapGet("/authorize", provider.Authorize);
        provider._app.MapPost("/token", (Func<HttpContext, Task<IResult>>)provider.TokenAsync);
        await provider._app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _key.Dispose();
    }

    private IResult Authorize(HttpContext context)
    {
        var query = context.Request.Query;
        var (redirect, state) = (query["redirect_uri"].ToString(), Uri.EscapeDataString(query["state"].ToString()));
        if (query["client_id"] != ClientId || query["response_type"] != "code" || query["code_challenge_method"] != "S256") return Results.BadRequest();
        if (Refuses) return Results.Redirect($"{redirect}?error=access_denied&state={state}");
        var code = Guid.NewGuid().ToString("N");
        _codes[code] = (query["nonce"].ToString(), query["code_challenge"].ToString(), redirect);
        return Results.Redirect($"{redirect}?code={code}&state={state}");
    }

    private async Task<IResult> TokenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var verifier = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["client_secret"] != ClientSecret || !_codes.TryRemove(form["code"].ToString(), out var code) || code.Challenge != verifier || code.Redirect != form["redirect_uri"])
            return Results.BadRequest(new { error = "invalid_grant" });
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Authority,
            Audience = ClientId,
            Claims = new Dictionary<string, object>(Claims) { ["nonce"] = code.Nonce },
            Expires = DateTime.UtcNow.AddMinutes(5),
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(_key) { KeyId = "k" }, SecurityAlgorithms.RsaSha256),
        });
        return Results.Json(new { access_token = "unused", token_type = "Bearer", expires_in = 300, id_token = token });
    }
}
