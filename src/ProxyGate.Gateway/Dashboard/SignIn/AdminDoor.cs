using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Dashboard.Api;
using ProxyGate.Gateway.Dashboard.Screens;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.SignIn;

/// <summary>Lets in who may ask, and tells the others what to do.</summary>
internal sealed class AdminDoor(AdminAccessPolicy policy)
{
    /// <returns>Whether the request may go on; otherwise it has been answered.</returns>
    public async Task<bool> LetsInAsync(HttpContext context, AdminAccess access)
    {
        switch (policy.Judge(context, access))
        {
            case AdminVerdict.Allowed:
                return true;
            case AdminVerdict.Forwarded:
                await ApiJson.ProblemAsync(context, StatusCodes.Status403Forbidden, "Came through a proxy",
                    "This request has fields of a proxy, so it is not known who asks. Ask directly from this machine, or configure ProxyGate:Admin:Users or ProxyGate:Admin:Oidc.");
                return false;
            default:
                await AskToSignInAsync(context, access);
                return false;
        }
    }

    private static Task AskToSignInAsync(HttpContext context, AdminAccess access)
    {
        var request = context.Request;
        var isPage = HttpMethods.IsGet(request.Method) && access == AdminAccess.Operator && !request.Path.StartsWithSegments("/api");
        if (!isPage)
        {
            context.Response.Headers.WWWAuthenticate = access == AdminAccess.Scraper ? "Bearer realm=\"ProxyGate\"" : "Cookie realm=\"ProxyGate\", form-action=\"/sign-in\"";
            return ApiJson.ProblemAsync(context, StatusCodes.Status401Unauthorized, "Sign in first",
                access == AdminAccess.Scraper ? "Send Authorization: Bearer with the token of ProxyGate:Admin:MetricsToken." : "Sign in at /sign-in.");
        }

        // Browsers keep a strict cookie back when a link elsewhere leads here. Asked for once more from here, they send it.
        if (request.Headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site")
        {
            var again = request.Path + request.QueryString;
            return Screen.WriteAsync<MessageScreen>(context, new MessageView("One moment", "The dashboard is asked for once more.", again, "Go on", Bare: true, GoesOn: true));
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = Links.With("/sign-in", ("to", request.Path == "/" ? null : request.Path + request.QueryString));
        return Task.CompletedTask;
    }
}
