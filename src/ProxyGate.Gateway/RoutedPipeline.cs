using Microsoft.AspNetCore.Builder;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway;

/// <summary>YARP's pipeline with what most requests need nothing of left out: each of its steps looks the request's feature up, which costs more than what it then finds not to do.</summary>
internal static class RoutedPipeline
{
    /// <summary>From here on the request's record knows where it was routed to. Goes behind whatever puts another feature there.</summary>
    public static void UseRouted(this IReverseProxyApplicationBuilder proxy) => proxy.Use(static next => context =>
    {
        RequestRecord.Of(context)?.NoteRoute();
        return next(context);
    });

    /// <summary>Steps that only some requests take.</summary>
    public static void UseWhere(this IReverseProxyApplicationBuilder proxy, Func<IReverseProxyFeature, bool> wanted, Action<IReverseProxyApplicationBuilder> steps) => proxy.UseWhen(
        context => RequestRecord.Of(context)?.Proxy is not { } routed || wanted(routed),
        branch => steps(new ReverseProxyApplicationBuilder(branch)));
}
