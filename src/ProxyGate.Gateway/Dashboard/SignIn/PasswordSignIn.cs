using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard.Screens;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>Signing in with a password, and signing out.</summary>
internal sealed class PasswordSignIn(
    IGatewaySettingsSource settings, AdminSessions sessions, AttemptLimits limits, ILogger<PasswordSignIn> logger) : IDisposable
{
    private const int MostFormBytes = 8 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>A hash takes a tenth of a second of a core on purpose: strangers get no more than one core by it.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    public Task FormAsync(HttpContext context, string _) => WriteAsync(context, StatusCodes.Status200OK, context.Request.Query["failed"] == "oidc"
        ? "The provider did not sign you in, or you are not among those who are let in. The gateway's log has the reason."
        : null);

    public async Task SignInAsync(HttpContext context, string _)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = MostFormBytes;
        if (!context.Request.HasFormContentType || context.Request.ContentLength > MostFormBytes)
        {
            await WriteAsync(context, StatusCodes.Status400BadRequest, "Send the form of this page.");
            return;
        }

        var form = await context.Request.ReadFormAsync(new FormOptions { BufferBodyLengthLimit = MostFormBytes, ValueCountLimit = 8, KeyLengthLimit = 64, ValueLengthLimit = 4096 }, context.RequestAborted);
        var (name, password) = (form["name"].ToString().Trim(), form["password"].ToString());
        var client = RealPeer.Of(context)?.Address ?? RealPeer.Plain(context.Connection.RemoteIpAddress);
        if (!limits.TryTake(client, out var wait))
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
            logger.LogWarning("Too many attempts to sign in from {Client}; refused for {Wait:0} s.", client, wait.TotalSeconds);
            await WriteAsync(context, StatusCodes.Status429TooManyRequests, $"Too many attempts. Try again in {Shown.Span(wait)}.");
            return;
        }

        if (await FindAsync(name, password, context.RequestAborted) is not { } user)
        {
            logger.LogWarning("Somebody at {Client} did not sign in as {Name}: name or password is wrong.", client, Shown.Line(name, 100));
            await WriteAsync(context, StatusCodes.Status401Unauthorized, "Name or password is wrong.");
            return;
        }

        limits.GiveBack(client);
        Begin(context, user.Name, user.PasswordHash);
        logger.LogInformation("{Name} signed in from {Client}.", user.Name, client);
        GoTo(context, LocalPath(form["to"]));
    }

    public Task SignOutAsync(HttpContext context, string _)
    {
        var cookie = AdminCookie.NameFor(context.Request);
        sessions.End(context.Request.Cookies[cookie]);
        context.Response.Cookies.Delete(cookie, AdminCookie.Options(context.Request));
        GoTo(context, "/sign-in");
        return Task.CompletedTask;
    }

    /// <summary>Begins a session for who has proved to be this user.</summary>
    public void Begin(HttpContext context, string user, string stamp) =>
        context.Response.Cookies.Append(AdminCookie.NameFor(context.Request), sessions.Begin(user, stamp, settings.Current.Admin.SessionLifetime), AdminCookie.Options(context.Request));

    /// <summary>A path of ours, whatever a query says.</summary>
    public static string LocalPath(string? to) =>
        to is { Length: > 0 and < 2048 } && to[0] == '/' && !to.StartsWith("//", StringComparison.Ordinal) && !to.Contains('\\', StringComparison.Ordinal) && !to.Any(char.IsControl)
            ? to : "/";

    public void Dispose() => _turn.Dispose();

    private async Task<AdminUser?> FindAsync(string name, string password, CancellationToken stop)
    {
        var user = settings.Current.Admin.Users.FirstOrDefault(u => u.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        var hash = user is not null && PasswordHash.TryParse(user.PasswordHash, out var own, out _) ? own : PasswordHash.Nobody;
        if (!await _turn.WaitAsync(LongestWait, stop)) return null;
        try
        {
            return await Task.Run(() => hash.Fits(password), stop) ? user : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    private Task WriteAsync(HttpContext context, int status, string? wrong)
    {
        var admin = settings.Current.Admin;
        var to = context.Request.HasFormContentType && context.Request.Method == HttpMethods.Post ? "/" : LocalPath(context.Request.Query["to"]);
        return Screen.WriteAsync<SignInScreen>(context, new SignInView(
            admin.Users.Count > 0, admin.Oidc is { } oidc ? new Uri(oidc.Authority).Host : null, to, Links.With("/sign-in/provider", ("to", to)), wrong), status);
    }

    private static void GoTo(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
    }
}
