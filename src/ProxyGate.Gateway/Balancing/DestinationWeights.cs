using System.Globalization;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>The weight of each destination: the cluster's <c>Weights</c>, else the destination's metadata <c>Weight</c>, else 1.</summary>
internal sealed class DestinationWeights(IGatewaySettingsSource settings)
{
    public const string MetadataKey = "Weight";

    public ClusterSettings For(ClusterState cluster) => settings.Current.ForCluster(cluster.ClusterId);

    public static int Of(DestinationState destination, ClusterSettings cluster)
    {
        if (cluster.Weights.Count > 0 && cluster.Weights.TryGetValue(PinnedDestinations.NameOf(destination), out var given)) return given;
        return destination.Model.Config.Metadata?.TryGetValue(MetadataKey, out var written) == true
            && int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var own)
                ? own
                : 1;
    }

    /// <summary>The weights in the order of the destinations. Where nobody has one, all have the same: somebody must answer.</summary>
    public void Of(IReadOnlyList<DestinationState> destinations, ClusterSettings cluster, Span<int> weights)
    {
        var any = false;
        for (var i = 0; i < weights.Length; i++) any |= (weights[i] = Of(destinations[i], cluster)) > 0;
        if (!any) weights.Fill(1);
    }
}
