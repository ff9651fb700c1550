using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Services;

namespace ProxyGate.Investigation.Host;

/// <summary>What a look at this machine saw: each part absent when it was not looked at or could not be seen.</summary>
public sealed record HostFindings
{
    /// <summary>Where the destination is, seen from this machine.</summary>
    public required Whereabouts Where { get; init; }

    public ListenerFacts? Listener { get; init; }

    /// <summary>The process that listens there now.</summary>
    public ProcessFacts? Process { get; init; }

    /// <summary>The process that was remembered from before the failure.</summary>
    public ProcessFacts? ProcessBefore { get; init; }

    public DeathFacts? Death { get; init; }

    /// <summary>The unit, container or pod the app runs in, where it was asked about.</summary>
    public IReadOnlyList<ServiceState> Services { get; init; } = [];

    public WorkerFacts? Workers { get; init; }

    public AppLogFacts? Log { get; init; }

    public LocalLimitFacts? Limits { get; init; }

    public IReadOnlyList<ChangeFacts> Changes { get; init; } = [];

    public IReadOnlyList<BlindSpot> NotSeen { get; init; } = [];

    /// <summary>How long each technique took, in the order they ended.</summary>
    public IReadOnlyList<StepTime> Steps { get; init; } = [];
}

public enum Whereabouts
{
    /// <summary>Another machine, or not known.</summary>
    Elsewhere,

    /// <summary>This machine, in the network the gateway itself is in.</summary>
    Here,

    /// <summary>A container on this machine, with a network of its own.</summary>
    InContainer,
}

/// <param name="What">The technique.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record StepTime(string What, double Milliseconds);
