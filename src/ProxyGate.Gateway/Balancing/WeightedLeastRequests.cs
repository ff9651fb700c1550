using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>The destination with the fewest requests under way for its weight; equal ones take turns.</summary>
internal sealed class WeightedLeastRequests(DestinationWeights weights) : ILoadBalancingPolicy
{
    private uint _turn;

    public string Name => "WeightedLeastRequests";

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var count = availableDestinations.Count;
        if (count == 0) return null;
        var table = weights.Table(cluster, availableDestinations);
        var each = table.Weights;
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)count);
        var best = -1;
        long bestLoad = 0;
        for (var step = 0; step < count; step++)
        {
            var i = start + step;
            if (i >= count) i -= count;
            if (each[i] == 0) continue;
            // This request included, so that an idle destination of a small weight is not preferred to an idle one of a large.
            long load = availableDestinations[i].ConcurrentRequestCount + 1;
            if (best < 0 || load * each[best] < bestLoad * each[i]) (best, bestLoad) = (i, load);
            // Nothing can be less: most of a thousand are idle, and the first of those that can take most ends the search.
            if (load == 1 && each[i] == table.Most) break;
        }

        return availableDestinations[best];
    }
}
