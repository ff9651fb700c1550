using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Examining;

/// <summary>How long the requests of a look may take: the gateway's own limits, cut so that the whole look ends in time.</summary>
internal sealed class TrialLimits(ExaminedDestination destination, TimeSpan limit)
{
    public TimeoutSettings Phases { get; } = Cut(destination.Timeouts, limit * 0.2, limit * 0.35, limit * 0.4);

    public TimeSpan Total { get; } = limit * 0.6;

    public TimeoutSettings HealthPhases { get; } = Cut(destination.Timeouts with { FirstByte = Min(destination.Timeouts.FirstByte, destination.HealthTimeout) }, limit * 0.1, limit * 0.1, limit * 0.2);

    public TimeSpan HealthTotal { get; } = Min(limit * 0.25, destination.HealthTimeout);

    /// <summary>Whether the gateway itself would have waited for longer for an answer to begin.</summary>
    public bool AreCut => Phases.FirstByte < destination.Timeouts.FirstByte;

    private static TimeoutSettings Cut(TimeoutSettings own, TimeSpan dns, TimeSpan connect, TimeSpan answer) => own with
    {
        Dns = Min(own.Dns, dns),
        Connect = Min(own.Connect, connect),
        Tls = Min(own.Tls, connect),
        Send = Min(own.Send, answer),
        FirstByte = Min(own.FirstByte, answer),
        Idle = Min(own.Idle, answer),
        Total = null,
    };

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
