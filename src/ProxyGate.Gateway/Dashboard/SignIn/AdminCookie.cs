using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>The cookie of a session.</summary>
internal static class AdminCookie
{
    private const string Plain = "proxygate-admin";
    private const string Secure = "__Host-proxygate-admin";

    public static string NameFor(HttpRequest request) => request.IsHttps ? Secure : Plain;

    /// <summary>No script reads it, no other page's request carries it, and it is gone with the browser's own session.</summary>
    public static CookieOptions Options(HttpRequest request) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = request.IsHttps, Path = "/", IsEssential = true };

    /// <summary>
    /// Browsers send a host's cookies to all of its ports: an admin who also visits the site through this gateway would send the session to
    /// the app behind it. It is taken out before anything is forwarded.
    /// </summary>
    public static Task KeepBackAsync(HttpContext context, RequestDelegate next)
    {
        var cookies = context.Request.Headers.Cookie;
        for (var i = 0; i < cookies.Count; i++)
        {
            if (cookies[i]?.Contains(Plain, StringComparison.Ordinal) != true) continue;
            context.Request.Headers.Cookie = new StringValues([.. cookies.Select(Without).Where(c => c.Length > 0)]);
            break;
        }

        return next(context);
    }

    private static string Without(string? cookies) => string.Join("; ",
        (cookies ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(c => !c.StartsWith(Plain + "=", StringComparison.Ordinal) && !c.StartsWith(Secure + "=", StringComparison.Ordinal)));
}
