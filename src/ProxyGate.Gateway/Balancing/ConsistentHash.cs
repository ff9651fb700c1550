using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>
/// Keeps what belongs together at one destination: by weighted rendezvous hashing, so that only the clients of a destination that comes or goes
/// move, and no further than a bound on its load, so that one popular key cannot drown it. The same in every gateway with the same destinations.
/// </summary>
internal sealed class ConsistentHash(DestinationWeights weights) : ILoadBalancingPolicy
{
    public string Name => "ConsistentHash";

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var count = availableDestinations.Count;
        if (count == 0) return null;
        var own = weights.For(cluster);
        Span<int> each = count <= 64 ? stackalloc int[count] : new int[count];
        weights.Of(availableDestinations, own, each);
        long requests = 1, all = 0;
        for (var i = 0; i < count; i++)
        {
            requests += availableDestinations[i].ConcurrentRequestCount;
            all += each[i];
        }

        var key = KeyOf(context, own.Hash);
        var (best, bestScore, first, firstScore) = (-1, double.NegativeInfinity, 0, double.NegativeInfinity);
        for (var i = 0; i < count; i++)
        {
            if (each[i] == 0) continue;
            var score = Score(key, availableDestinations[i].DestinationId, each[i]);
            if (score > firstScore) (first, firstScore) = (i, score);
            var most = Math.Ceiling(own.Hash.Bound / 100d * requests * each[i] / all);
            if (score > bestScore && availableDestinations[i].ConcurrentRequestCount + 1 <= most) (best, bestScore) = (i, score);
        }

        return availableDestinations[best < 0 ? first : best];
    }

    /// <summary>What the request belongs to. One without the header field or cookie goes by its address.</summary>
    internal static ulong KeyOf(HttpContext context, HashSettings hash) => hash.By switch
    {
        HashKey.Path => Hash(context.Request.Path.Value),
        HashKey.Header when context.Request.Headers.TryGetValue(hash.Name, out var values) && values.Count > 0 => Hash(values.ToString()),
        HashKey.Cookie when context.Request.Cookies.TryGetValue(hash.Name, out var value) => Hash(value),
        _ => OfAddress(context.Connection.RemoteIpAddress),
    };

    /// <summary>The higher, the better: distributed so that each destination wins in proportion to its weight.</summary>
    internal static double Score(ulong key, string destination, int weight)
    {
        var mixed = Mix(key ^ Mix(Hash(destination)));
        return -weight / Math.Log(((mixed >> 11) + 0.5) / (1UL << 53));
    }

    private static ulong OfAddress(IPAddress? address)
    {
        if (address is null) return 0;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var hash = 0xCBF29CE484222325UL;
        foreach (var b in bytes[..length]) hash = (hash ^ b) * 0x100000001B3UL;
        return hash;
    }

    /// <summary>FNV-1a: the same in every process, unlike the platform's own hash of a text.</summary>
    private static ulong Hash(string? text)
    {
        var hash = 0xCBF29CE484222325UL;
        foreach (var c in text ?? "")
        {
            hash = (hash ^ (byte)c) * 0x100000001B3UL;
            hash = (hash ^ (byte)(c >> 8)) * 0x100000001B3UL;
        }

        return hash;
    }

    /// <summary>The finalizer of SplitMix64: every bit of the input moves half the bits of the output.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
