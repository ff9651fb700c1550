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
    /// <summary>Of 2^53.</summary>
    private const ulong TooNear = 1 << 20;

    public string Name => "ConsistentHash";

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var count = availableDestinations.Count;
        if (count == 0) return null;
        var table = weights.Table(cluster, availableDestinations);
        var key = KeyOf(context, table.Settings.Hash);
        var first = First(table, key);
        if (first < 0) return LookAtAll(table, key);
        // One that is idle is never above its bound: nobody need know how much all of them have.
        return availableDestinations[first].ConcurrentRequestCount == 0 || IsWithin(table, first, Requests(table)) ? availableDestinations[first] : LookAtAll(table, key);
    }

    /// <summary>The one that the key belongs to, however busy; -1 where it is not plain which.</summary>
    private static int First(WeightTable table, ulong key)
    {
        var (first, firstScore) = (-1, double.NegativeInfinity);
        foreach (var group in table.Groups)
        {
            var (best, most, next) = (group.Members[0], 0UL, 0UL);
            // Among equal weights the greatest number has the greatest score: its logarithm alone is taken.
            foreach (var i in group.Members)
            {
                var mixed = Mixed(key, table.Hashes[i]);
                if (mixed > most) (best, most, next) = (i, mixed, most);
                else if (mixed > next) next = mixed;
            }

            // Two so near that their scores may be one number are told apart by their places.
            if (most - next < TooNear && group.Members.Length > 1) return -1;
            var score = Score(most, group.Weight);
            if (score == firstScore) return -1;
            if (score > firstScore) (first, firstScore) = (best, score);
        }

        return first;
    }

    private static DestinationState LookAtAll(WeightTable table, ulong key)
    {
        var requests = Requests(table);
        var (best, bestScore, first, firstScore) = (-1, double.NegativeInfinity, 0, double.NegativeInfinity);
        for (var i = 0; i < table.Weights.Length; i++)
        {
            if (table.Weights[i] == 0) continue;
            var score = Score(Mixed(key, table.Hashes[i]), table.Weights[i]);
            if (score > firstScore) (first, firstScore) = (i, score);
            if (score > bestScore && IsWithin(table, i, requests)) (best, bestScore) = (i, score);
        }

        return table.Destinations[best < 0 ? first : best];
    }

    /// <summary>Under way at all of them, this one included.</summary>
    private static long Requests(WeightTable table)
    {
        long requests = 1;
        for (var i = 0; i < table.Weights.Length; i++) requests += table.Destinations[i].ConcurrentRequestCount;
        return requests;
    }

    private static bool IsWithin(WeightTable table, int i, long requests) =>
        table.Destinations[i].ConcurrentRequestCount + 1 <= Math.Ceiling(table.Settings.Hash.Bound / 100d * requests * table.Weights[i] / table.Sum);

    /// <summary>What the request belongs to. One without the header field or cookie goes by its address.</summary>
    internal static ulong KeyOf(HttpContext context, HashSettings hash) => hash.By switch
    {
        HashKey.Path => Hash(context.Request.Path.Value),
        HashKey.Header when context.Request.Headers.TryGetValue(hash.Name, out var values) && values.Count > 0 => Hash(values.ToString()),
        HashKey.Cookie when context.Request.Cookies.TryGetValue(hash.Name, out var value) => Hash(value),
        _ => OfAddress(context.Connection.RemoteIpAddress),
    };

    /// <summary>The higher, the better: distributed so that each destination wins in proportion to its weight.</summary>
    internal static double Score(ulong key, string destination, int weight) => Score(Mixed(key, HashOf(destination)), weight);

    /// <summary>The part of a score that is a destination's own.</summary>
    internal static ulong HashOf(string destination) => Mix(Hash(destination));

    private static ulong Mixed(ulong key, ulong destination) => Mix(key ^ destination) >> 11;

    private static double Score(ulong mixed, int weight) => -weight / Math.Log((mixed + 0.5) / (1UL << 53));

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
