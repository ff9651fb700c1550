using System.Runtime.CompilerServices;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>What a route does to its requests, as far as that can be done without YARP's message.</summary>
/// <param name="IsDirect">Whether all of it can: then YARP's forwarder is not needed.</param>
/// <param name="KeepsTarget">Whether path and query go on as the client wrote them.</param>
/// <param name="OriginalHost">Whether the Host field goes on too, and is not the destination's own.</param>
/// <param name="Forwarded">The fields about the client.</param>
/// <param name="OfTarget">What changes path or query, in order.</param>
internal sealed record RoutePlan(bool IsDirect, bool KeepsTarget, bool OriginalHost, ForwardedFields? Forwarded, RequestTransform[] OfTarget)
{
    /// <summary>For a route that nobody has planned: YARP does everything.</summary>
    public static RoutePlan Unknown { get; } = new(false, false, false, null, []);
}

/// <summary>Looks at each route's transforms as YARP builds them. Registered last, so that it sees what all others have added.</summary>
internal sealed class RoutePlans : ITransformProvider
{
    // For as long as YARP, or a request, holds the route.
    private readonly ConditionalWeakTable<RouteConfig, RoutePlan> _plans = [];

    public RoutePlan Of(RouteConfig? route) => route is not null && _plans.TryGetValue(route, out var plan) ? plan : RoutePlan.Unknown;

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context) => _plans.AddOrUpdate(context.Route, Plan(context));

    private static RoutePlan Plan(TransformBuilderContext context)
    {
        // Unless told otherwise YARP adds its own forwarding fields and takes the Host out, after all providers.
        var direct = context.UseDefaultForwarders == false && context.CopyRequestHeaders != false && context.CopyResponseHeaders != false
            && context.ResponseTransforms.Count == 0 && context.ResponseTrailersTransforms.Count == 0;
        var originalHost = false;
        var keepsTarget = true;
        ForwardedFields? forwarded = null;
        var ofTarget = new List<RequestTransform>();
        foreach (var transform in context.RequestTransforms)
        {
            if (transform is RequestHeaderOriginalHostTransform) originalHost = ReferenceEquals(transform, RequestHeaderOriginalHostTransform.OriginalHost);
            else if (transform is ForwardedTransform own) forwarded = own.Fields;
            else if (transform is PathStringTransform or PathRouteValuesTransform or QueryParameterFromStaticTransform or QueryParameterRouteTransform or QueryParameterRemoveTransform) ofTarget.Add(transform);
            else if (IsOfFields(transform)) direct = false;
            else (direct, keepsTarget) = (false, false);
        }

        return new RoutePlan(direct, keepsTarget && ofTarget.Count == 0, originalHost, forwarded, [.. ofTarget]);
    }

    /// <summary>Whether it leaves path and query alone.</summary>
    private static bool IsOfFields(RequestTransform transform) => transform is RequestHeaderValueTransform or RequestHeaderRemoveTransform or RequestHeadersAllowedTransform
        or RequestHeaderRouteValueTransform or RequestHeaderXForwardedForTransform or RequestHeaderXForwardedHostTransform or RequestHeaderXForwardedPrefixTransform
        or RequestHeaderXForwardedProtoTransform or RequestHeaderForwardedTransform or RequestHeaderClientCertTransform or HttpMethodChangeTransform;
}
