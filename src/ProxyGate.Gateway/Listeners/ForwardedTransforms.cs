using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
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
        var fields = OwnFields.Where(f => !taken.Contains(f)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var removed = FieldsOfProxies.Where(f => !taken.Contains(f)).ToArray();
        context.RequestTransforms.Add(new Transform(fields, removed));
    }

    private sealed class Transform(HashSet<string> fields, string[] ofProxies) : RequestTransform
    {
        private readonly bool _for = fields.Contains("X-Forwarded-For");
        private readonly bool _proto = fields.Contains("X-Forwarded-Proto");
        private readonly bool _host = fields.Contains("X-Forwarded-Host");
        private readonly bool _real = fields.Contains("X-Real-IP");
        private readonly bool _forwarded = fields.Contains("Forwarded");

        public override ValueTask ApplyAsync(RequestTransformContext context)
        {
            var request = context.HttpContext.Request;
            var peer = context.HttpContext.Features.Get<RealPeer>();
            var trusted = context.HttpContext.Features.Get<TrustedForwarding>() is not null;
            var address = trusted ? RealPeer.Plain(context.HttpContext.Connection.RemoteIpAddress) : peer?.Address;
            var client = trusted ? address?.ToString() : peer?.Text;
            var host = request.Host.Value;

            if (!trusted)
            {
                foreach (var field in ofProxies)
                {
                    if (request.Headers.ContainsKey(field))
                        RemoveHeader(context, field);
                }
            }

            if (_for)
                Set(context, "X-Forwarded-For", trusted ? Continue(request, "X-Forwarded-For", peer?.Text) : client);
            if (_proto)
                Set(context, "X-Forwarded-Proto", request.Scheme);
            if (_host)
                Set(context, "X-Forwarded-Host", string.IsNullOrEmpty(host) ? null : host);
            if (_real)
                Set(context, "X-Real-IP", client);
            if (_forwarded)
            {
                Set(context, "Forwarded", trusted && request.Headers.ContainsKey("Forwarded")
                    ? Continue(request, "Forwarded", "for=" + Node(peer?.Address, peer?.Text))
                    : Element(Node(address, client), host, request.Scheme));
            }

            return ValueTask.CompletedTask;
        }

        private static void Set(RequestTransformContext context, string name, string? value)
        {
            RemoveHeader(context, name);
            if (value is not null)
                AddHeader(context, name, value);
        }

        private static string? Continue(HttpRequest request, string field, string? next)
        {
            var before = request.Headers[field];
            if (before.Count == 0)
                return next;
            var joined = string.Join(", ", before.ToArray());
            return next is null ? joined : $"{joined}, {next}";
        }

        private static string Element(string node, string? host, string scheme) =>
            string.IsNullOrEmpty(host) ? $"for={node};proto={scheme}" : $"for={node};host={Quoted(host)};proto={scheme}";

        /// <summary>RFC 7239, section 6: an IPv6 address in brackets and quotes; "unknown" where there is no address.</summary>
        private static string Node(IPAddress? address, string? text) => address is null || text is null ? "unknown"
            : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"\"[{text}]\"" : text;

        /// <summary>A host without a colon is a token; anything else is quoted.</summary>
        private static string Quoted(string host) => host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? host
            : "\"" + host.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }
}
