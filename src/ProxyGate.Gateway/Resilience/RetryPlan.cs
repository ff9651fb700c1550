using ProxyGate.Diagnostics.Attempts;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>What comes after an attempt: another one and where, or none and why.</summary>
/// <param name="Destinations">Where another attempt may go; absent: nowhere.</param>
/// <param name="Waits">Whether it waits first, as the same destination is asked again.</param>
/// <param name="OnFreshConnection">Whether it must be made on a connection of its own.</param>
/// <param name="NoMore">Why there is none.</param>
internal readonly record struct RetryPlan(IReadOnlyList<DestinationState>? Destinations, bool Waits, bool OnFreshConnection, TriedNoMore NoMore)
{
    /// <summary>The request was answered, or ended in a way that is no matter of trying.</summary>
    public static RetryPlan Done => default;

    public bool TriesAgain => Destinations is not null;

    public static RetryPlan Never(TriedNoMore because) => new(null, false, false, because);

    public static RetryPlan At(IReadOnlyList<DestinationState> destinations, bool waits = false, bool fresh = false) => new(destinations, waits, fresh, TriedNoMore.None);
}
