using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>
/// The weights of some destinations, in their order, and what follows from them. YARP makes a new list whenever destinations come, go or change, so that a
/// list which is the same object as before has the same weights, and a request need not look up those of a thousand.
/// </summary>
internal sealed class WeightTable
{
    private ulong[]? _hashes;
    private WeightGroup[]? _groups;

    public WeightTable(IReadOnlyList<DestinationState> destinations, ClusterSettings settings)
    {
        (Destinations, Settings, Weights) = (destinations, settings, new int[destinations.Count]);
        for (var i = 0; i < Weights.Length; i++) Weights[i] = DestinationWeights.Of(destinations[i], settings);
        // Where nobody has one, all have the same: somebody must answer.
        if (!Array.Exists(Weights, static w => w > 0)) Array.Fill(Weights, 1);
        foreach (var weight in Weights)
        {
            Sum += weight;
            Most = Math.Max(Most, weight);
        }
    }

    public IReadOnlyList<DestinationState> Destinations { get; }

    public ClusterSettings Settings { get; }

    public int[] Weights { get; }

    public long Sum { get; }

    /// <summary>The greatest weight.</summary>
    public int Most { get; }

    /// <summary>The destinations by their weight, those of weight 0 left out; usually one group, or a few.</summary>
    public WeightGroup[] Groups => _groups ??= [.. Enumerable.Range(0, Weights.Length).Where(i => Weights[i] > 0).GroupBy(i => Weights[i]).Select(static g => new WeightGroup(g.Key, [.. g]))];

    /// <summary>The hash of each destination's id.</summary>
    public ulong[] Hashes => _hashes ??= [.. Destinations.Select(d => ConsistentHash.HashOf(d.DestinationId))];

    public bool IsFor(IReadOnlyList<DestinationState> destinations, ClusterSettings settings) => ReferenceEquals(Destinations, destinations) && ReferenceEquals(Settings, settings);
}

/// <summary>Destinations of one weight.</summary>
/// <param name="Weight">Above 0.</param>
/// <param name="Members">Their places in the list, in its order.</param>
internal sealed record WeightGroup(int Weight, int[] Members);
