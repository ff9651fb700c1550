using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>
/// Destinations take turns by their weights, evenly mixed as in nginx: with weights 5, 1 and 1 the first does not get five requests in a
/// row. Each turn every destination gains its weight, and the one chosen pays all of it back.
/// </summary>
internal sealed class WeightedRoundRobin(DestinationWeights weights) : ILoadBalancingPolicy
{
    private readonly ConditionalWeakTable<ClusterState, ConditionalWeakTable<DestinationState, StrongBox<long>>> _credits = [];

    public string Name => "WeightedRoundRobin";

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        Span<int> each = availableDestinations.Count <= 64 ? stackalloc int[availableDestinations.Count] : new int[availableDestinations.Count];
        weights.Of(availableDestinations, weights.For(cluster), each);
        var credits = _credits.GetValue(cluster, static _ => []);
        lock (credits)
        {
            long all = 0;
            (DestinationState? Destination, StrongBox<long>? Credit) best = default;
            for (var i = 0; i < each.Length; i++)
            {
                if (each[i] == 0) continue;
                all += each[i];
                var credit = credits.GetValue(availableDestinations[i], static _ => new StrongBox<long>());
                credit.Value += each[i];
                if (best.Credit is null || credit.Value > best.Credit.Value) best = (availableDestinations[i], credit);
            }

            if (best.Credit is not null) best.Credit.Value -= all;
            return best.Destination;
        }
    }
}
