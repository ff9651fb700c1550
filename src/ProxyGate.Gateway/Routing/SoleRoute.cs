using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ProxyGate.Gateway.Routing;

/// <summary>
/// A route that takes whatever comes and has no other beside it, as that of most sites: there is nothing to match. It sets what ASP.NET Core's matcher would, but the
/// route's values only for who asks for them: most requests need none.
/// </summary>
internal sealed class SoleRoute
{
    private readonly Endpoint _endpoint;

    private SoleRoute(Endpoint endpoint) => _endpoint = endpoint;

    /// <summary>Absent where the route asks for anything of a request.</summary>
    public static SoleRoute? Of(Endpoint endpoint, MatcherPolicy[] policies)
    {
        // Not the endpoint's own pattern: under a host, its name is the first segment.
        if (RouteTable.OriginalOf(endpoint) is not RouteEndpoint original || endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null) return null;
        if (RestOf(original) is null) return null;
        Endpoint[] alone = [endpoint];
        return Array.Exists(policies, p => p is INodeBuilderPolicy node && node.AppliesToEndpoints(alone) || p is IEndpointSelectorPolicy selector && selector.AppliesToEndpoints(alone))
            ? null
            : new SoleRoute(original);
    }

    /// <summary>The name of the value that takes the whole path, where the route has no other and asks for nothing.</summary>
    private static string? RestOf(RouteEndpoint route) =>
        route.RoutePattern is { PathSegments: [{ Parts: [RoutePatternParameterPart { IsCatchAll: true, Default: null, ParameterPolicies.Count: 0 } rest] }], Defaults.Count: 0, RequiredValues.Count: 0 } ? rest.Name : null;

    public Task Take(HttpContext context)
    {
        if (context.Features[typeof(IEndpointFeature)] is IEndpointFeature feature) feature.Endpoint = _endpoint;
        else context.SetEndpoint(_endpoint);
        return Task.CompletedTask;
    }

    /// <summary>Sets the route's values where <see cref="Take"/> has left them out: a matched route of this form has always one.</summary>
    public static void SetValues(HttpContext context)
    {
        var request = context.Request;
        if (context.GetEndpoint() is RouteEndpoint endpoint && RestOf(endpoint) is { } rest && request.RouteValues.Count == 0)
            request.RouteValues = new RouteValueDictionary { [rest] = request.Path.Value is { Length: > 1 } path ? path[1..] : null };
    }
}
