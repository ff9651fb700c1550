using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Dashboard.Reading;
using ProxyGate.Gateway.Dashboard.Screens;
using ProxyGate.Gateway.Dashboard.SignIn;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>Every screen of the dashboard.</summary>
internal static class ScreenRoutes
{
    public static IReadOnlyList<AdminRoute> All { get; } =
    [
        Get("/", static async (context, _) =>
            await Screen.WriteAsync<OverviewScreen>(context, await Of<GatewayReader>(context).OverviewAsync(Asked.Of(context).Minutes, context.RequestAborted))),
        Get("/incidents", static async (context, _) =>
            await Screen.WriteAsync<IncidentsScreen>(context, await Of<IncidentsReader>(context).ListAsync(Asked.Of(context), context.RequestAborted))),
        Get("/incidents/{id}", static async (context, id) =>
            await OneAsync<IncidentScreen>(context, await Of<IncidentsReader>(context).OneAsync(id, context.RequestAborted), new("No such incident", "There is no incident of this id, or no longer.", "/incidents", "All incidents"))),
        new("POST", "/incidents/{id}/look", AdminAccess.Operator, LookAsync),
        Get("/failures", static async (context, _) =>
            await Screen.WriteAsync<FailuresScreen>(context, await Of<FailuresReader>(context).ListAsync(Asked.Of(context), context.RequestAborted))),
        Get("/failures/{id}", static async (context, id) =>
            await OneAsync<FailureScreen>(context, await Of<FailuresReader>(context).OneAsync(id, context.RequestAborted), new("No such failure", "No failure of this id was kept; the event log may still have it.", "/failures", "All failures"))),
        Get("/routes", static (context, _) => Screen.WriteAsync<RoutesScreen>(context, Of<ClustersReader>(context).Routes())),
        Get("/causes", static (context, _) => Screen.WriteAsync<CausesScreen>(context, CausesView.Of(context.Request.Query["q"].ToString()))),
        Get("/causes/{id}", static (context, id) => RootCauseView.Of(id) is { } root
            ? Screen.WriteAsync<RootCauseScreen>(context, root)
            : OneAsync<CauseScreen>(context, CauseView.Of(id), new("No such cause", "No cause or root cause has this id.", "/causes", "All causes"))),
        new("GET", "/sign-in", AdminAccess.Everyone, static (context, id) => Of<PasswordSignIn>(context).FormAsync(context, id)),
        new("POST", "/sign-in", AdminAccess.Everyone, static (context, id) => Of<PasswordSignIn>(context).SignInAsync(context, id)),
        new("POST", "/sign-out", AdminAccess.Everyone, static (context, id) => Of<PasswordSignIn>(context).SignOutAsync(context, id)),
        new("GET", "/sign-in/provider", AdminAccess.Everyone, static (context, _) => context.RequestServices.GetService<OidcSignIn>()?.StartAsync(context) ?? NoProviderAsync(context)),
        new("GET", OidcSignIn.Callback, AdminAccess.Everyone, static (context, _) => context.RequestServices.GetService<OidcSignIn>()?.CallbackAsync(context) ?? NoProviderAsync(context)),
        new("GET", "/dashboard.css", AdminAccess.Everyone, AdminAssets.StyleAsync),
        new("GET", "/dashboard.js", AdminAccess.Everyone, AdminAssets.ScriptAsync),
        new("GET", "/icon.svg", AdminAccess.Everyone, AdminAssets.IconAsync),
    ];

    private static AdminRoute Get(string path, Func<HttpContext, string, Task> answer) => new("GET", path, AdminAccess.Operator, answer);

    private static T Of<T>(HttpContext context) where T : notnull => context.RequestServices.GetRequiredService<T>();

    private static async Task LookAsync(HttpContext context, string id)
    {
        if (await Of<IncidentLooks>(context).AskAsync(id, context.RequestAborted) is null)
        {
            await Screen.WriteAsync<MessageScreen>(context, new MessageView("No such incident", "There is no incident of this id, or no longer.", "/incidents", "All incidents"), StatusCodes.Status404NotFound);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = $"/incidents/{Uri.EscapeDataString(id)}#timeline";
    }

    private static Task NoProviderAsync(HttpContext context) =>
        Screen.WriteAsync<MessageScreen>(context, new MessageView("No provider", "No provider of OpenID Connect is configured.", "/sign-in", "Sign in", Bare: true), StatusCodes.Status404NotFound);

    private static Task OneAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TScreen>(HttpContext context, object? view, MessageView missing)
        where TScreen : Microsoft.AspNetCore.Components.IComponent =>
        view is null ? Screen.WriteAsync<MessageScreen>(context, missing, StatusCodes.Status404NotFound) : Screen.WriteAsync<TScreen>(context, view);
}
