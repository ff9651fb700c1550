using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Probing;

/// <summary>One check to make: of which destination, how, and within which limits.</summary>
internal sealed record ProbeSetting(ClusterState Cluster, DestinationState Destination, HealthSettings Health, TimeoutSettings Timeouts, TimeSpan Limit, int HeadLimit)
{
    /// <summary>YARP's default.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The URL that is asked: the destination's <c>Health</c>, or its address, then the check's path.</summary>
    public Uri Target { get; } = RequestUtilities.MakeDestinationAddress(
        Destination.Model.Config.Health is { Length: > 0 } own ? own : Destination.Model.Config.Address,
        Health.Kind == HealthCheckKind.Http ? PathOf(Cluster) : default,
        Health.Kind == HealthCheckKind.Http ? QueryString.FromUriComponent(Cluster.Model.Config.HealthCheck?.Active?.Query ?? "") : default);

    public static ProbeSetting Of(ClusterState cluster, DestinationState destination, GatewaySettings settings)
    {
        var own = settings.ForCluster(cluster.ClusterId);
        var limit = cluster.Model.Config.HealthCheck?.Active?.Timeout ?? DefaultTimeout;
        var t = own.Timeouts;
        // Each phase may take the check's whole time, so that the phase that did is the one that is named.
        var timeouts = t with { Dns = Min(t.Dns, limit), Connect = Min(t.Connect, limit), Tls = Min(t.Tls, limit), Send = Min(t.Send, limit), FirstByte = limit, Idle = limit, Total = null };
        return new ProbeSetting(cluster, destination, own.Health, timeouts, limit, settings.Limits.ResponseHeaders);
    }

    /// <summary>A record of its own: the check is nobody's request, but is recorded as one.</summary>
    public Attempt Begin(TimeProvider clock) =>
        new RequestRecord(new DefaultHttpContext(), clock).Begin(Destination.DestinationId, Destination.Model.Config.Address, Timeouts, HeadLimit);

    private static PathString PathOf(ClusterState cluster) => cluster.Model.Config.HealthCheck?.Active?.Path is { Length: > 0 } path
        ? new PathString(path[0] == '/' ? path : "/" + path)
        : default;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
