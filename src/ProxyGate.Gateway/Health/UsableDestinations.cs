using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Health;

/// <summary>
/// Which destinations requests may go to, in the place of YARP's policy of the same name: those not found unhealthy, or all when too few
/// are left and the checks are more likely wrong than the apps.
/// </summary>
internal sealed class UsableDestinations(string name, int panicUnlessSet, HealthRegister register, IGatewaySettingsSource settings) : IAvailableDestinationsPolicy
{
    public const string HealthyAndUnknown = "HealthyAndUnknown";
    public const string HealthyOrPanic = "HealthyOrPanic";

    public string Name => name;

    /// <summary>YARP's spelling.</summary>
    public IReadOnlyList<DestinationState> GetAvailalableDestinations(ClusterConfig config, IReadOnlyList<DestinationState> allDestinations)
    {
        var (checks, requests) = HealthRegister.Heeded(config);
        if (!checks && !requests) return allDestinations;
        var usable = new List<DestinationState>(allDestinations.Count);
        foreach (var destination in allDestinations)
        {
            if (!register.Of(config.ClusterId, destination).IsUnhealthy(checks, requests)) usable.Add(destination);
        }

        var panic = settings.Current.ForCluster(config.ClusterId).Health.Panic ?? panicUnlessSet;
        return usable.Count * 100 < panic * allDestinations.Count ? allDestinations : usable;
    }
}
