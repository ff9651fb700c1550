using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ProxyGate.Gateway.Routing;

/// <summary>
/// A route that takes whatever comes and has no other beside it, as that of most sites: there is nothing to match. It sets what ASP.NET Core's matcher would.
/// </summary>
internal sealed class SoleRoute
{
    private readonly Endpoint _endpoint;
    private readonly string _rest;

    private SoleRoute(Endpoint endpoint, string rest) => (_endpoint, _rest) = (endpoint, rest);

    /// <summary>Absent where the route asks for anything of a request.</summary>
    public static SoleRoute? Of(Endpoint endpoint, MatcherPolicy[] policies)
    {
        // Not the endpoint's own pattern: under a host, its name is the first segment.
        if (RouteTable.OriginalOf(endpoint) is not RouteEndpoint original || endpoint.Metadata.GetMetadata<IRequestSizeLimitMetadata>() is not null) return null;
        if (original.RoutePattern is not { PathSegments: [{ Parts: [RoutePatternParameterPart { IsCatchAll: true, Default: null, ParameterPolicies.Count: 0 } rest] }], Defaults.Count: 0, RequiredValues.Count: 0 }) return null;
        Endpoint[] alone = [endpoint];
        return Array.Exists(policies, p => p is INodeBuilderPolicy node && node.AppliesToEndpoints(alone) || p is IEndpointSelectorPolicy selector && selector.AppliesToEndpoints(alone))
            ? null
            : new SoleRoute(original, rest.Name);
    }

    public Task Take(HttpContext context)
    {
        if (context.Features[typeof(IEndpointFeature)] is IEndpointFeature feature) feature.Endpoint = _endpoint;
        else context.SetEndpoint(_endpoint);
        var request = context.Request;
        request.RouteValues = new RouteValueDictionary { [_rest] = request.Path.Value is { Length: > 1 } path ? path[1..] : null };
        return Task.CompletedTask;
    }
}
