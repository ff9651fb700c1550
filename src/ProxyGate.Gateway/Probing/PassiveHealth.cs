using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Probing;

/// <summary>
/// Judges destinations by the requests they get, by YARP's rule and under its name: when too large a part of the last minute's requests
/// failed. It counts attempts, so that one that another destination saved counts too, and never what was the client's doing.
/// </summary>
internal sealed class PassiveHealth(HealthRegister register, TimeProvider clock) : IPassiveHealthCheckPolicy
{
    private const string RateLimitKey = "TransportFailureRateHealthPolicy.RateLimit";
    private const double DefaultRateLimit = 0.3;
    private const int FewestRequests = 10;

    private static readonly TimeSpan DefaultReactivation = TimeSpan.FromSeconds(60);

    private readonly ConditionalWeakTable<DestinationState, FailureRate> _rates = [];

    public string Name => "TransportFailureRate";

    public void RequestProxied(HttpContext context, ClusterState cluster, DestinationState destination)
    {
        if (RequestRecord.Of(context) is not { Last: { } last } record) return;
        if (!record.AnyEarlierFailed)
        {
            Judge(context, record, cluster, destination, last);
            return;
        }

        foreach (var attempt in record.Attempts)
        {
            if (cluster.Destinations.TryGetValue(attempt.Destination, out var tried)) Judge(context, record, cluster, tried, attempt);
        }
    }

    private void Judge(HttpContext context, RequestRecord record, ClusterState cluster, DestinationState destination, Attempt attempt)
    {
        if (attempt.HealthJudged) return;
        attempt.HealthJudged = true;
        var failed = attempt.Failed && attempt.End is not (AttemptEnd.ClientGone or AttemptEnd.GatewayStopped or AttemptEnd.GatewayFault);
        if (failed && (record.ClientFault != ClientFault.None || context.RequestAborted.IsCancellationRequested)) return;
        var rate = _rates.GetValue(destination, _ => new FailureRate(clock)).Add(failed, FewestRequests);
        if (!failed || rate < RateLimit(cluster)) return;
        _rates.Remove(destination);
        register.FailedRequests(
            cluster,
            destination,
            ProbeVerdict.Of(attempt, context.Request.Method, context.Request.Path.Value ?? "", cluster.ClusterId, clock.GetUtcNow()),
            cluster.Model.Config.HealthCheck?.Passive?.ReactivationPeriod ?? DefaultReactivation);
    }

    private static double RateLimit(ClusterState cluster) =>
        cluster.Model.Config.Metadata?.TryGetValue(RateLimitKey, out var written) == true
            && double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit)
                ? limit
                : DefaultRateLimit;
}
