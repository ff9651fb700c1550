using System.Net.Http;
using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>
/// Signing in by a provider of OpenID Connect: the code flow with PKCE, answered by a redirect, by ASP.NET Core's own handler. What it
/// proves becomes a session like any other; nothing of the provider's is kept. Its services are its own: among the gateway's, the server
/// would put authentication before every request, the forwarded ones too.
/// </summary>
internal sealed class OidcSignIn : IAsyncDisposable
{
    /// <summary>Where the provider sends people back to.</summary>
    public const string Callback = "/sign-in/oidc";

    /// <summary>In the place of a password's hash.</summary>
    public const string Stamp = "oidc";

    private const string Scheme = "oidc";
    private const string Failed = "/sign-in?failed=oidc";

    private readonly PasswordSignIn _sessions;
    private readonly IGatewaySettingsSource _settings;
    private readonly ILogger<OidcSignIn> _logger;
    private readonly ServiceProvider _own;

    public OidcSignIn(OidcSettings oidc, PasswordSignIn sessions, IGatewaySettingsSource settings, ILoggerFactory loggers)
    {
        (_sessions, _settings, _logger) = (sessions, settings, loggers.CreateLogger<OidcSignIn>());
        var services = new ServiceCollection();
        services.AddSingleton(loggers).AddLogging();
        // State and nonce are good for minutes; keys in memory are enough, and no file is left behind.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication().AddOpenIdConnect(Scheme, options => Configure(options, oidc));
        _own = services.BuildServiceProvider();
    }

    public async Task StartAsync(HttpContext context)
    {
        var to = PasswordSignIn.LocalPath(context.Request.Query["to"]);
        try
        {
            await WithOwnServicesAsync(context, () => context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = to }));
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException && !context.Response.HasStarted)
        {
            _logger.LogWarning(e, "The provider {Authority} cannot be asked.", _settings.Current.Admin.Oidc?.Authority);
            GoTo(context, Failed);
        }
    }

    public Task CallbackAsync(HttpContext context) => WithOwnServicesAsync(context, async () =>
    {
        var handlers = context.RequestServices.GetRequiredService<IAuthenticationHandlerProvider>();
        if (await handlers.GetHandlerAsync(context, Scheme) is not IAuthenticationRequestHandler handler || !await handler.HandleRequestAsync()) GoTo(context, Failed);
    });

    public ValueTask DisposeAsync() => _own.DisposeAsync();

    private async Task WithOwnServicesAsync(HttpContext context, Func<Task> act)
    {
        var before = context.RequestServices;
        await using var scope = _own.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        try
        {
            await act();
        }
        finally
        {
            context.RequestServices = before;
        }
    }

    private void Configure(OpenIdConnectOptions options, OidcSettings oidc)
    {
        options.Authority = oidc.Authority;
        options.RequireHttpsMetadata = oidc.Authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        options.ClientId = oidc.ClientId;
        options.ClientSecret = oidc.ClientSecret;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // A form posted from the provider's page would be a request of another origin, and those are refused.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.CallbackPath = Callback;
        options.MapInboundClaims = false;
        options.SaveTokens = false;
        options.DisableTelemetry = true;
        options.Scope.Clear();
        foreach (var scope in new[] { "openid", "profile", "email" }) options.Scope.Add(scope);
        options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.BackchannelTimeout = TimeSpan.FromSeconds(15);
        options.Events.OnTicketReceived = ReceivedAsync;
        options.Events.OnRemoteFailure = FailedAsync;
    }

    private Task ReceivedAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var oidc = _settings.Current.Admin.Oidc;
        var who = context.Principal?.FindFirstValue(oidc?.Claim ?? "email");
        if (oidc is null || who is null || !IsAllowed(oidc, who, context.Principal!))
        {
            _logger.LogWarning("The provider signed in somebody whose {Claim} is {Who}, who is not let in.", oidc?.Claim, Shown.Line(who, 200) ?? "absent");
            GoTo(context.HttpContext, Failed);
            return Task.CompletedTask;
        }

        _sessions.Begin(context.HttpContext, who, Stamp);
        _logger.LogInformation("{Who} signed in by {Authority}.", Shown.Line(who, 200), oidc.Authority);
        GoTo(context.HttpContext, PasswordSignIn.LocalPath(context.ReturnUri));
        return Task.CompletedTask;
    }

    private Task FailedAsync(RemoteFailureContext context)
    {
        _logger.LogWarning("Signing in by the provider failed: {Reason}", Shown.Line(context.Failure?.Message, 500));
        context.HandleResponse();
        GoTo(context.HttpContext, Failed);
        return Task.CompletedTask;
    }

    /// <summary>An address that the provider does not call confirmed is anybody's.</summary>
    private static bool IsAllowed(OidcSettings oidc, string who, ClaimsPrincipal principal) =>
        (oidc.Allowed.Count == 0 || oidc.Allowed.Contains(who, StringComparer.OrdinalIgnoreCase))
        && (oidc.Claim != "email" || principal.FindFirstValue("email_verified") is "true" or "True");

    private static void GoTo(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }
}
