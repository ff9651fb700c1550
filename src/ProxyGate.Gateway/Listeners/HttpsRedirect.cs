using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

internal static class HttpsRedirect
{
    /// <summary>Answers plain-http requests with a 308 to https when the settings say so. Goes after <c>UseTrustedProxies</c>, which may say the client spoke https.</summary>
    public static IApplicationBuilder UseHttpsRedirect(this IApplicationBuilder app)
    {
        var settings = app.ApplicationServices.GetRequiredService<IGatewaySettingsSource>();
        return app.Use((context, next) =>
        {
            var current = settings.Current;
            // Without a host (HTTP/1.0) there is nowhere to send the client.
            if (!current.RedirectToHttps || context.Request.IsHttps || !context.Request.Host.HasValue)
                return next(context);
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = Location(context.Request, HttpsPort(current));
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
    }

    private static string Location(HttpRequest request, int port)
    {
        var host = port == 443 ? new HostString(request.Host.Host) : new HostString(request.Host.Host, port);
        return UriHelper.BuildAbsolute("https", host, request.PathBase, request.Path, request.QueryString);
    }

    private static int HttpsPort(GatewaySettings settings)
    {
        foreach (var text in settings.Listen)
        {
            if (ListenAddress.TryParse(text, out var address, out _, out _) && address is { IsHttps: true, SocketPath: null })
                return address.Port;
        }

        return 443;
    }
}
