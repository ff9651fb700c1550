using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Direct;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>Finds what is in force for a route of YARP's, which is put together once for each configuration and not for each request.</summary>
internal sealed class RoutesInForce(IGatewaySettingsSource settings, RoutePlans plans)
{
    private readonly ConditionalWeakTable<Endpoint, RouteInForce> _known = [];
    private volatile Last? _last;

    /// <summary>Absent where the endpoint is no route of YARP's.</summary>
    public RouteInForce? Of(Endpoint endpoint)
    {
        var current = settings.Current;
        if (_last is { } last && ReferenceEquals(last.Endpoint, endpoint) && last.Route.IsOf(current)) return last.Route;
        if (!_known.TryGetValue(endpoint, out var route) || !route.IsOf(current))
        {
            if (endpoint.Metadata.GetMetadata<RouteModel>() is not { } model) return null;
            route = RouteInForce.Of(model, current, plans);
            _known.AddOrUpdate(endpoint, route);
        }

        _last = new Last(endpoint, route);
        return route;
    }

    private sealed record Last(Endpoint Endpoint, RouteInForce Route);
}

/// <summary>A route, with the settings in force for its requests.</summary>
/// <param name="Model">YARP's own.</param>
/// <param name="Cluster">The cluster it leads to, as it is configured; absent where it leads to none.</param>
/// <param name="Settings">All settings.</param>
/// <param name="OfCluster">Those of its cluster.</param>
/// <param name="Plan">What it does to its requests.</param>
/// <param name="Timeouts">The limits of each attempt.</param>
/// <param name="IsDirect">Whether YARP's steps have nothing to do for it, but for what a single request may bring.</param>
internal sealed record RouteInForce(
    RouteModel Model, ClusterModel? Cluster, GatewaySettings Settings, ClusterSettings OfCluster, RoutePlan Plan, TimeoutSettings Timeouts, bool IsDirect)
{
    /// <summary>Where there is one destination, it is found at once.</summary>
    private volatile OnlyAddress? _only;

    public static RouteInForce Of(RouteModel model, GatewaySettings settings, RoutePlans plans)
    {
        var cluster = model.Cluster?.Model;
        var ofCluster = settings.ForCluster(model.Cluster?.ClusterId ?? "");
        var plan = plans.Of(model.Config);
        var config = cluster?.Config.HttpRequest ?? ForwarderRequestConfig.Empty;
        var timeouts = AttemptLimits.Of(settings.TimeoutsOf(model.Config.RouteId, ofCluster), config);
        var direct = plan.IsDirect && settings.Forwarder == ForwarderKind.Direct && cluster?.HttpClient is ClusterClient
            && AttemptLimits.Total(timeouts, model.Config.Timeout) is null && model.Config.MaxRequestBodySize is null;
        return new RouteInForce(model, cluster, settings, ofCluster, plan, timeouts, direct);
    }

    /// <summary>Whether the settings, and the cluster, are still the same.</summary>
    public bool IsOf(GatewaySettings current) => ReferenceEquals(current, Settings) && ReferenceEquals(Model.Cluster?.Model, Cluster);

    /// <summary>The address that the destination has here.</summary>
    public string? AddressOf(DestinationState destination)
    {
        if (_only is { } only && ReferenceEquals(only.Destination, destination)) return only.Address;
        var address = AddressIn(Cluster, destination);
        if (address is not null && Cluster!.Config.Destinations!.Count == 1) _only = new OnlyAddress(destination, address);
        return address;
    }

    /// <summary>The address that the destination has in this configuration of its cluster: a newer one may have given its id to another.</summary>
    public static string? AddressIn(ClusterModel? cluster, DestinationState destination) =>
        cluster?.Config.Destinations?.TryGetValue(destination.DestinationId, out var config) == true ? config.Address : null;

    private sealed record OnlyAddress(DestinationState Destination, string Address);
}

/// <summary>How YARP's own limits join those of the gateway.</summary>
internal static class AttemptLimits
{
    /// <summary>A cluster's own YARP <c>ActivityTimeout</c> still holds, as the longest silence in any phase.</summary>
    public static TimeoutSettings Of(TimeoutSettings timeouts, ForwarderRequestConfig config)
    {
        if (config.ActivityTimeout is not { } activity || activity == Timeout.InfiniteTimeSpan) return timeouts;
        if (activity >= timeouts.Send && activity >= timeouts.FirstByte && activity >= timeouts.Idle) return timeouts;
        return timeouts with { Send = Min(timeouts.Send, activity), FirstByte = Min(timeouts.FirstByte, activity), Idle = Min(timeouts.Idle, activity) };
    }

    /// <summary>The limit of the whole request: ours, or the route's own YARP <c>Timeout</c> when that is shorter.</summary>
    public static TimeSpan? Total(TimeoutSettings timeouts, TimeSpan? route) =>
        route is not { } own || own <= TimeSpan.Zero ? timeouts.Total : timeouts.Total is { } total ? Min(total, own) : own;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
