namespace ProxyGate.Simulation;

/// <summary>What a gateway in front of a fault must conclude and answer. The words are those of the failure event.</summary>
/// <param name="Cause">The cause's id; absent for controls, which must leave no failure event.</param>
/// <param name="Stage">The event's <c>stage</c>.</param>
/// <param name="Party">The event's <c>party</c>.</param>
/// <param name="Status">The event's <c>status</c>: what is sent to the client, 499 when it had gone.</param>
/// <param name="ProxyError">The RFC 9209 error type; empty where the app's own answer is passed on.</param>
/// <param name="ClientSees">What becomes of the answer at the client.</param>
public sealed record FaultExpectation(string? Cause, string Stage, string Party, int Status, string ProxyError, ClientSees ClientSees)
{
    /// <summary>Other verdicts that are as right, where the fault is a race or depends on the machine; see <see cref="OrBecause"/>.</summary>
    public IReadOnlyList<FaultExpectation> Or { get; init; } = [];

    /// <summary>Why more than one verdict is right.</summary>
    public string? OrBecause { get; init; }

    /// <summary>For a request that is sent nowhere: the cause of the failures before it, which its answer must tell.</summary>
    public string? Before { get; init; }

    /// <summary>This verdict and the others.</summary>
    public IEnumerable<FaultExpectation> Accepted => Or.Prepend(this);

    internal FaultExpectation OrElse(string because, params FaultExpectation[] others) => this with { Or = [.. Or, .. others], OrBecause = because };
}

/// <summary>What the client sees in the end.</summary>
public enum ClientSees
{
    /// <summary>An answer the gateway made itself.</summary>
    Page,

    /// <summary>An answer that began well and was cut: never a clean end.</summary>
    Aborted,

    /// <summary>The upstream's own answer, whole.</summary>
    PassedThrough,

    /// <summary>Nothing: it has gone away.</summary>
    Nothing,
}
