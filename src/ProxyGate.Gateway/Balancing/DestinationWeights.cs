using System.Globalization;
using System.Runtime.CompilerServices;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>The weight of each destination: the cluster's <c>Weights</c>, else the destination's metadata <c>Weight</c>, else 1.</summary>
internal sealed class DestinationWeights(IGatewaySettingsSource settings)
{
    public const string MetadataKey = "Weight";

    private readonly ConditionalWeakTable<ClusterState, StrongBox<WeightTable?>> _kept = [];

    public ClusterSettings For(ClusterState cluster) => settings.Current.ForCluster(cluster.ClusterId);

    public static int Of(DestinationState destination, ClusterSettings cluster)
    {
        if (cluster.Weights.Count > 0 && cluster.Weights.TryGetValue(PinnedDestinations.NameOf(destination), out var given)) return given;
        return destination.Model.Config.Metadata?.TryGetValue(MetadataKey, out var written) == true
            && int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? own
                : 1;
    }

    /// <summary>The weights of these destinations. Kept as long as the cluster's requests go to the same list.</summary>
    public WeightTable Table(ClusterState cluster, IReadOnlyList<DestinationState> destinations)
    {
        var (kept, own) = (_kept.GetValue(cluster, static _ => new StrongBox<WeightTable?>()), For(cluster));
        if (Volatile.Read(ref kept.Value) is { } known && known.IsFor(destinations, own)) return known;
        var table = new WeightTable(destinations, own);
        Volatile.Write(ref kept.Value, table);
        return table;
    }
}
