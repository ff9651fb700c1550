using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Routing;

internal static class RouteServices
{
    /// <summary>Where ASP.NET Core's builders find out that there is routing, and of what.</summary>
    public const string RouteBuilderKey = "__EndpointRouteBuilder";

    /// <summary>The routes and clusters in force, and those that were.</summary>
    public static IServiceCollection AddRoutes(this IServiceCollection services, IReadOnlyList<RouteConfig> routes, IReadOnlyList<ClusterConfig> clusters)
    {
        services.AddSingleton(new RouteSource(routes, clusters));
        services.AddSingleton(static provider =>
        {
            var history = new RouteHistory(provider.GetRequiredService<IProxyStateLookup>());
            provider.GetRequiredService<RouteSource>().TakingOver += history.Remember;
            return history;
        });
        return services;
    }

    /// <summary>In the place of <c>UseRouting</c>. What is mapped later is found, too.</summary>
    public static WebApplication UseRoutes(this WebApplication app)
    {
        IApplicationBuilder pipeline = app;
        // Endpoints are run at the end of the pipeline where there is routing; this says that there is.
        pipeline.Properties[RouteBuilderKey] = app;
        pipeline.Use(next =>
        {
            var matching = new RouteMatching(new CompositeEndpointDataSource(((IEndpointRouteBuilder)app).DataSources), app.Services);
            return context =>
            {
                var match = matching.MatchAsync(context);
                return match.IsCompletedSuccessfully ? next(context) : MatchedAsync(match, next, context);
            };
        });
        return app;

        static async Task MatchedAsync(Task match, RequestDelegate next, HttpContext context)
        {
            await match;
            await next(context);
        }
    }
}
