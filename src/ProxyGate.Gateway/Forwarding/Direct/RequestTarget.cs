using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>
/// The request target of the outgoing request, in origin form (RFC 9112 section 3.2.1). What the client wrote goes on unchanged, as nginx does it:
/// an app tells <c>%2F</c> from <c>/</c>. Only where that could lead elsewhere than the route was chosen for, by dot segments, the path goes on as
/// it was understood here.
/// </summary>
internal static class RequestTarget
{
    private static readonly SearchValues<char> PathChars = SearchValues.Create("!$%&'()*+,-./0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~");

    private static readonly SearchValues<char> NotInQuery = SearchValues.Create("\0\t\r\n #");

    /// <param name="context">The client's request.</param>
    /// <param name="prefix">The path of the destination's address, without a slash at its end.</param>
    /// <param name="transforms">What the route changes about path and query.</param>
    public static string Of(HttpContext context, string prefix, RequestTransform[] transforms)
    {
        if (transforms.Length > 0) return Transformed(context, prefix, transforms);
        if (AsWritten(context) is { } target) return prefix.Length == 0 ? target : prefix + target;
        var request = context.Request;
        return Joined(prefix, request.Path, request.QueryString);
    }

    /// <summary>The target as the client wrote it, where that is safe.</summary>
    public static string? AsWritten(HttpContext context)
    {
        if ((context.Features[typeof(IHttpRequestFeature)] as IHttpRequestFeature)?.RawTarget is not { Length: > 0 } target || target[0] != '/') return null;
        var query = target.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? target.AsSpan() : target.AsSpan(0, query);
        if (path.ContainsAnyExcept(PathChars) || path.Contains("/.", StringComparison.Ordinal) || (path.Contains('%') && path.Contains("%2e", StringComparison.OrdinalIgnoreCase))) return null;
        return query >= 0 && target.AsSpan(query).ContainsAny(NotInQuery) ? null : target;
    }

    private static string Transformed(HttpContext context, string prefix, RequestTransform[] transforms)
    {
        var transforming = new RequestTransformContext { HttpContext = context, HeadersCopied = true, Path = context.Request.Path };
        foreach (var transform in transforms)
        {
            // They only set members of the context: none of them waits.
            var applied = transform.ApplyAsync(transforming);
            if (!applied.IsCompletedSuccessfully) throw new NotSupportedException($"{transform.GetType().Name} waits for something.");
        }

        return Joined(prefix, transforming.Path, transforming.Query.QueryString);
    }

    private static string Joined(string prefix, PathString path, QueryString query)
    {
        var joined = RequestUtilities.MakeDestinationAddress("http://-" + prefix, path, query).PathAndQuery;
        return joined.Length == 0 ? "/" : joined;
    }
}
