using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Routing;

/// <summary>Gives a request whose route changed a moment ago the destinations of that route, not those its cluster has by now.</summary>
internal sealed class PastRouteMiddleware(RequestDelegate next, RouteHistory history)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (history.Any && context.Features.Get<IReverseProxyFeature>() is { } proxy && history.Of(proxy.Route) is { } past)
        {
            context.Features.Set<IReverseProxyFeature>(new ReverseProxyFeature
            {
                Route = proxy.Route,
                Cluster = past.Model,
                AllDestinations = past.AllDestinations,
                AvailableDestinations = past.AvailableDestinations,
            });
        }

        return next(context);
    }
}
