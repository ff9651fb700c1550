using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway;

/// <summary>
/// What a routed request goes through, in the place of YARP's pipeline, whose steps look the request's feature up one after the other, most of them to find
/// that there is nothing to do. A request that needs YARP's forwarder goes on through YARP's own pipeline at the end, with what was decided here.
/// </summary>
internal static class RoutedPipeline
{
    public static void UseRouted(this WebApplication app, Action<IReverseProxyApplicationBuilder> steps)
    {
        // YARP's first step knows only where the route leads.
        app.MapReverseProxy(static proxy => proxy.Use(Shown));

        IApplicationBuilder pipeline = app;
        var (history, routes) = (app.Services.GetRequiredService<RouteHistory>(), app.Services.GetRequiredService<RoutesInForce>());
        pipeline.Use(next =>
        {
            var own = new ReverseProxyApplicationBuilder(pipeline.New());
            steps(own);
            own.Run(context =>
            {
                context.Features[typeof(IHttpRequestTimeoutFeature)] = RecordingForwarder.OwnTimeouts.Instance;
                SoleRoute.SetValues(context);
                return next(context);
            });
            var begin = own.Build();
            return context =>
            {
                if (RequestRecord.Of(context) is not { } record || (context.Features[typeof(IEndpointFeature)] as IEndpointFeature)?.Endpoint is not { } endpoint
                    || routes.Of(endpoint) is not { Model.Cluster: not null } route)
                {
                    return next(context);
                }

                record.RoutedTo(route, history.FeatureOf(route.Model));
                if (route.Plan.OfTarget.Length > 0) SoleRoute.SetValues(context);
                return begin(context);
            };
        });
    }

    /// <summary>Steps that only some requests take.</summary>
    public static void UseWhere(this IReverseProxyApplicationBuilder proxy, Func<IReverseProxyFeature, bool> wanted, Action<IReverseProxyApplicationBuilder> steps) => proxy.UseWhen(
        context => RequestRecord.Of(context)?.Proxy is { } routed && wanted(routed),
        branch => steps(new ReverseProxyApplicationBuilder(branch.Use(Shown))));

    /// <summary>From here on YARP's own steps find where the request is routed to.</summary>
    private static RequestDelegate Shown(RequestDelegate next) => context =>
    {
        RequestRecord.Of(context)?.ShowRoute();
        return next(context);
    };
}
