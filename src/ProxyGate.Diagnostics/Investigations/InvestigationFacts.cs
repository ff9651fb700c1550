using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Investigations;

/// <summary>
/// What a look at network and host saw after a failure: facts only, each part absent when it was not looked at, and
/// <see cref="NotSeen"/> saying what could not be seen and why. What it means is decided by the hint rules.
/// </summary>
public sealed record InvestigationFacts
{
    /// <summary>The destination's id, as configured.</summary>
    public required string Destination { get; init; }

    /// <summary>The address looked at, as the attempt used it: <c>127.0.0.1:5000</c>, <c>[::1]:5000</c>, or the path of a unix socket.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset At { get; init; }

    public required double DurationMs { get; init; }

    public ListenerFacts? Listener { get; init; }

    /// <summary>What kind of container ProxyGate itself runs in, e.g. <c>docker</c>, <c>kubernetes</c>; absent when in none.</summary>
    public string? GatewayContainer { get; init; }

    /// <summary>The process that listens there now; absent when none does or it cannot be seen.</summary>
    public ProcessFacts? Process { get; init; }

    /// <summary>The process that listened there while the destination was healthy; absent when it was never seen.</summary>
    public ProcessFacts? ProcessBefore { get; init; }

    public DeathFacts? Death { get; init; }

    /// <summary>Absent when no worker ended, or the server itself did.</summary>
    public WorkerFacts? Workers { get; init; }

    public AppLogFacts? Log { get; init; }

    public ServiceFacts? Service { get; init; }

    public PathFacts? Path { get; init; }

    /// <summary>The answers of each configured name server, one item a server and record type.</summary>
    public IReadOnlyList<NameAnswerFacts> Names { get; init; } = [];

    /// <summary>New connections tried: the address itself, those its name has now, and other configured ports of the same host.</summary>
    public IReadOnlyList<AddressTry> Addresses { get; init; } = [];

    public LocalLimitFacts? Limits { get; init; }

    public HealthFacts? Health { get; init; }

    /// <summary>What changed in the time before the first failure, newest first.</summary>
    public IReadOnlyList<ChangeFacts> Changes { get; init; } = [];

    /// <summary>The other destinations of the same cluster.</summary>
    public IReadOnlyList<NeighbourFacts> Neighbours { get; init; } = [];

    /// <summary>What could not be seen.</summary>
    public IReadOnlyList<BlindSpot> NotSeen { get; init; } = [];
}

/// <summary>A technique that could not be used here.</summary>
/// <param name="What">What it would have shown, e.g. <c>the owner of port 5000</c>.</param>
/// <param name="Why">Why not, e.g. <c>reading other users' processes needs root or CAP_SYS_PTRACE</c>.</param>
public sealed record BlindSpot(string What, string Why);

/// <summary>Something that changed.</summary>
/// <param name="At">When.</param>
/// <param name="What">Which kind.</param>
/// <param name="Before">The value before, where there was one.</param>
/// <param name="After">The value after.</param>
public sealed record ChangeFacts(DateTimeOffset At, ChangeKind What, string? Before, string? After);

public enum ChangeKind
{
    ConfigReloaded,
    CertificateChanged,
    DnsAnswerChanged,
    ListenerReplaced,
    ContainerRestarted,
    UnitRestarted,
    GatewayStarted,
}

/// <summary>How another destination of the cluster does at the same moment.</summary>
public sealed record NeighbourFacts(string Destination, bool Failing, string? Cause, DateTimeOffset? LastSuccess);

/// <summary>What the configured health endpoint said.</summary>
public sealed record HealthFacts(string Path, int? Status, string? Failure, double DurationMs);
