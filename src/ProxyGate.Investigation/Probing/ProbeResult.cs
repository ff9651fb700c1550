using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing;

/// <summary>What asking the network showed: the parts of <see cref="InvestigationFacts"/> of the same names. A part that was not worth looking at is absent.</summary>
public sealed record ProbeResult
{
    public IReadOnlyList<NameAnswerFacts> Names { get; init; } = [];

    /// <summary>The addresses the configured name has now, as the system would use them.</summary>
    public IReadOnlyList<IPAddress> NameAddresses { get; init; } = [];

    public IReadOnlyList<AddressTry> Addresses { get; init; } = [];

    public ServiceFacts? Service { get; init; }

    public PathFacts? Path { get; init; }

    public HealthFacts? Health { get; init; }

    public IReadOnlyList<ChangeFacts> Changes { get; init; } = [];

    public IReadOnlyList<BlindSpot> NotSeen { get; init; } = [];

    public double DurationMs { get; init; }
}
