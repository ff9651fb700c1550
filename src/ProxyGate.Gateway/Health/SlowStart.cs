using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Health;

/// <summary>
/// Gives a destination that has come back only part of its share at first, whatever the load-balancing policy. A client that is bound to it
/// still goes there.
/// </summary>
internal sealed class SlowStart(RequestDelegate next, HealthRegister register, IGatewaySettingsSource settings, TimeProvider clock)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (register.AnyWarming && context.Features.Get<IReverseProxyFeature>() is { AvailableDestinations.Count: > 1 } proxy)
            proxy.AvailableDestinations = Chosen(proxy.Cluster.Config.ClusterId, proxy.AvailableDestinations);
        return next(context);
    }

    internal IReadOnlyList<DestinationState> Chosen(string cluster, IReadOnlyList<DestinationState> usable)
    {
        var slowStart = settings.Current.ForCluster(cluster).Health.SlowStart;
        var now = clock.GetUtcNow();
        List<DestinationState>? kept = null;
        foreach (var warming in register.Warming)
        {
            // Of another cluster, or out of use.
            if (!usable.Contains(warming)) continue;
            var share = register.Of(cluster, warming).Share(now, slowStart);
            if (share < 1 && Random.Shared.NextDouble() >= share) (kept ??= [.. usable]).Remove(warming);
        }

        // When all are warming, somebody has to do it.
        return kept is null or { Count: 0 } ? usable : kept;
    }
}
