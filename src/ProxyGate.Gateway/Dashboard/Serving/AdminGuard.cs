using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>
/// Stands before everything of the admin listener: the fields every answer has, and requests that another page's script or form made a
/// browser send.
/// </summary>
internal static class AdminGuard
{
    public static Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = AdminAssets.SecurityPolicy;
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        var names = context.RequestServices.GetRequiredService<IGatewaySettingsSource>().Current.Admin.Names;
        if (!AdminHost.IsOurs(context.Request.Host, ListenerFeature.Of(context)!.Address, RealPeer.Plain(context.Connection.LocalIpAddress), names))
            return ProbeRoutes.TextAsync(context, StatusCodes.Status421MisdirectedRequest, "This is the admin listener of ProxyGate. Ask for it as localhost, by its address, or by a name of ProxyGate:Admin:Names.\n");
        return IsFromElsewhere(context.Request)
            ? ProbeRoutes.TextAsync(context, StatusCodes.Status403Forbidden, "This request was made by a page of another origin; the admin listener answers only its own.\n")
            : next(context);
    }

    /// <summary>
    /// Whether a page of another origin made the browser ask. Other ports of this machine are other origins too, though browsers call them
    /// the same site and send them the same cookies. Following a link here is fine; programs that are no browsers send none of these fields.
    /// </summary>
    private static bool IsFromElsewhere(HttpRequest request)
    {
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site.Length > 0)
        {
            if (site is "same-origin" or "none") return false;
            return !reads || request.Headers["Sec-Fetch-Mode"] != "navigate" || request.Headers["Sec-Fetch-Dest"] != "document";
        }

        // Browsers without these fields say at least where a form or a script came from.
        var origin = request.Headers.Origin.ToString();
        return origin.Length > 0 && !origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
    }
}
