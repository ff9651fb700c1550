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
/// proves becomes a session like any other; nothing of the provider's is kept.
/// </summary>
internal sealed class OidcSignIn(PasswordSignIn sessions, IGatewaySettingsSource settings, IAuthenticationHandlerProvider handlers, ILogger<OidcSignIn> logger)
{
    public const string Scheme = "oidc";

    /// <summary>Where the provider sends people back to.</summary>
    public const string Callback = "/sign-in/oidc";

    /// <summary>In the place of a password's hash.</summary>
    public const string Stamp = "oidc";

    public static void Add(IServiceCollection services, OidcSettings oidc)
    {
        // State and nonce are good for minutes; keys in memory are enough, and no file is left behind.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAuthentication().AddOpenIdConnect(Scheme, options =>
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
            options.Events.OnTicketReceived = context => context.HttpContext.RequestServices.GetRequiredService<OidcSignIn>().ReceivedAsync(context);
            options.Events.OnRemoteFailure = context => context.HttpContext.RequestServices.GetRequiredService<OidcSignIn>().FailedAsync(context);
        });
    }

    public async Task StartAsync(HttpContext context)
    {
        try
        {
            await context.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = PasswordSignIn.LocalPath(context.Request.Query["to"]) });
        }
        catch (Exception e) when (e is InvalidOperationException or HttpRequestException or IOException && !context.Response.HasStarted)
        {
            logger.LogWarning(e, "The provider {Authority} cannot be asked.", settings.Current.Admin.Oidc?.Authority);
            GoTo(context, "/sign-in?failed=oidc");
        }
    }

    public async Task CallbackAsync(HttpContext context)
    {
        if (await handlers.GetHandlerAsync(context, Scheme) is IAuthenticationRequestHandler handler && await handler.HandleRequestAsync()) return;
        GoTo(context, "/sign-in?failed=oidc");
    }

    private Task ReceivedAsync(TicketReceivedContext context)
    {
        context.HandleResponse();
        var oidc = settings.Current.Admin.Oidc;
        var who = context.Principal?.FindFirstValue(oidc?.Claim ?? "email");
        if (oidc is null || who is null || !IsAllowed(oidc, who, context.Principal!))
        {
            logger.LogWarning("The provider signed in somebody whose {Claim} is {Who}, who is not let in.", oidc?.Claim, Shown.Line(who, 200) ?? "absent");
            GoTo(context.HttpContext, "/sign-in?failed=oidc");
            return Task.CompletedTask;
        }

        sessions.Begin(context.HttpContext, who, Stamp);
        logger.LogInformation("{Who} signed in by {Authority}.", Shown.Line(who, 200), oidc.Authority);
        GoTo(context.HttpContext, PasswordSignIn.LocalPath(context.ReturnUri));
        return Task.CompletedTask;
    }

    private Task FailedAsync(RemoteFailureContext context)
    {
        logger.LogWarning("Signing in by the provider failed: {Reason}", Shown.Line(context.Failure?.Message, 500));
        context.HandleResponse();
        GoTo(context.HttpContext, "/sign-in?failed=oidc");
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
