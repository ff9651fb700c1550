using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Pages;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>
/// Who may ask what of the admin listener. Without credentials it is a listener that only this machine reaches, and a direct connection
/// from it is enough; a request that came through a proxy is somebody else's. With credentials everybody signs in.
/// </summary>
internal sealed class AdminAccessPolicy(IGatewaySettingsSource settings, AudiencePolicy audience, AdminSessions sessions)
{
    private const string Bearer = "Bearer ";

    /// <summary>Whether one has to sign in: with credentials, and on any listener that others reach, even if a reload took the last user away.</summary>
    public bool AsksToSignIn(HttpContext context) =>
        settings.Current.Admin.HasCredentials() || ListenerFeature.Of(context) is not { Address.IsLoopback: true };

    public AdminVerdict Judge(HttpContext context, AdminAccess access)
    {
        if (access == AdminAccess.Everyone) return AdminVerdict.Allowed;
        if (!AsksToSignIn(context)) return access == AdminAccess.Scraper || audience.Of(context) == Audience.Operator ? AdminVerdict.Allowed : AdminVerdict.Forwarded;
        if (SignedIn(context) is { } user)
        {
            context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "ProxyGate"));
            return AdminVerdict.Allowed;
        }

        return access == AdminAccess.Scraper && (HasToken(context) || audience.Of(context) == Audience.Operator) ? AdminVerdict.Allowed : AdminVerdict.MustSignIn;
    }

    /// <summary>Who is signed in; nobody whose credentials are no longer configured.</summary>
    private string? SignedIn(HttpContext context)
    {
        if (sessions.Find(context.Request.Cookies[AdminCookie.NameFor(context.Request)]) is not { } session) return null;
        return session.Stamp == StampOf(settings.Current.Admin, session) ? session.User : null;
    }

    /// <summary>What a session must have been begun with to be good still.</summary>
    private static string? StampOf(AdminSettings admin, AdminSession session) =>
        session.Stamp == OidcSignIn.Stamp ? admin.Oidc is { } oidc && (oidc.Allowed.Count == 0 || oidc.Allowed.Contains(session.User, StringComparer.OrdinalIgnoreCase)) ? OidcSignIn.Stamp : null
        : admin.Users.FirstOrDefault(u => u.Name.Equals(session.User, StringComparison.OrdinalIgnoreCase))?.PasswordHash;

    private bool HasToken(HttpContext context)
    {
        var sent = context.Request.Headers.Authorization.ToString();
        return settings.Current.Admin.MetricsToken is { Length: > 0 } token && sent.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(sent[Bearer.Length..].Trim())), SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }
}

internal enum AdminVerdict
{
    Allowed,
    MustSignIn,
    /// <summary>It came through a proxy, and there is no way to tell who it is.</summary>
    Forwarded,
}
