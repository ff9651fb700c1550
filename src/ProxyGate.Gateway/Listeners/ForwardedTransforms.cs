using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Tells every upstream who the client is: X-Forwarded-For, -Proto, -Host, X-Real-IP and Forwarded (RFC 7239). What a client that is no trusted proxy
/// wrote into these fields is replaced; a trusted proxy's list is continued. A route's own <c>X-Forwarded</c> or <c>Forwarded</c> transform takes the
/// place of all this, and a field that a route sets or removes itself is left to it.
/// </summary>
internal sealed class ForwardedTransforms : ITransformProvider
{
    private static readonly string[] OwnFields = ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded"];

    private static readonly string[] TransformsOfOneField = ["RequestHeader", "RequestHeaderRemove", "RequestHeaderRouteValue"];

    /// <summary>Fields of the same family that only a trusted proxy may set.</summary>
    private static readonly string[] FieldsOfProxies =
        ["X-Forwarded-Prefix", "X-Forwarded-Port", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Forwarded-Server", "X-Original-For", "X-Original-Proto", "X-Original-Host"];

    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    public void Apply(TransformBuilderContext context)
    {
        var transforms = context.Route.Transforms ?? [];
        if (context.UseDefaultForwarders == false || transforms.Any(t => t.ContainsKey("X-Forwarded") || t.ContainsKey("Forwarded")))
            return;
        context.UseDefaultForwarders = false;
        var taken = transforms
            .SelectMany(t => TransformsOfOneField.Select(k => t.GetValueOrDefault(k)))
            .OfType<string>()
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        var fields = OwnFields.Where(f => !taken.Contains(f));
        var removed = FieldsOfProxies.Where(f => !taken.Contains(f)).ToArray();
        context.RequestTransforms.Add(new ForwardedTransform(new ForwardedFields(fields, removed)));
    }
}

/// <summary>Sets the fields on YARP's message.</summary>
internal sealed class ForwardedTransform(ForwardedFields fields) : RequestTransform
{
    public ForwardedFields Fields => fields;

    public override ValueTask ApplyAsync(RequestTransformContext context)
    {
        var request = context.HttpContext.Request;
        foreach (var field in fields.TakenOut(context.HttpContext))
        {
            if (request.Headers.ContainsKey(field)) RemoveHeader(context, field);
        }

        foreach (var (name, value) in fields.Of(context.HttpContext))
        {
            RemoveHeader(context, name);
            if (value is not null) AddHeader(context, name, value);
        }

        return ValueTask.CompletedTask;
    }
}
