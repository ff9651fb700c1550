using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Gateway.Examining;

/// <summary>One look at one destination: each step, and the verdict.</summary>
internal sealed record Examination
{
    public required ExaminedDestination Destination { get; init; }

    public required DateTimeOffset At { get; init; }

    public required double DurationMs { get; init; }

    public required IReadOnlyList<LadderStep> Steps { get; init; }

    public required bool IsHealthy { get; init; }

    /// <summary>A sentence. May hold hostile text.</summary>
    public required string Verdict { get; init; }

    /// <summary>The request that decided.</summary>
    public required Trial Trial { get; init; }

    /// <summary>The health check, when there was one and it was asked.</summary>
    public Trial? Health { get; init; }

    /// <summary>Why it is unhealthy, in the words of page and event; absent when it is healthy, or answers its health check with a status that is not a good one.</summary>
    public Diagnosis? Diagnosis { get; init; }

    public required InvestigationFacts Look { get; init; }

    public Cause? Cause => Diagnosis?.Failure.Cause;

    public AttemptFacts Attempt => Trial.Attempt;

    public IEnumerable<LadderStep> Warnings => Steps.Where(s => s.Result == StepResult.Warned);
}
