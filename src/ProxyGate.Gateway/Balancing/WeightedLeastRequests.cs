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
        Span<int> each = count <= 64 ? stackalloc int[count] : new int[count];
        weights.Of(availableDestinations, weights.For(cluster), each);
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)count);
        var best = -1;
        long bestLoad = 0;
        for (var step = 0; step < count; step++)
        {
            var i = (start + step) % count;
            if (each[i] == 0) continue;
            // This request included, so that an idle destination of a small weight is not preferred to an idle one of a large.
            long load = availableDestinations[i].ConcurrentRequestCount + 1;
            if (best < 0 || load * each[best] < bestLoad * each[i]) (best, bestLoad) = (i, load);
        }

        return availableDestinations[best];
    }
}
