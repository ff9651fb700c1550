using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Gateway.Examining;

/// <summary>How one request by hand went.</summary>
/// <param name="Facts">What was recorded, as of any request.</param>
/// <param name="Observed">The verdict on it; absent when it was answered with less than 500.</param>
internal sealed record Trial(FailureFacts Facts, Failure? Observed)
{
    public AttemptFacts Attempt => Facts.Attempts[^1];

    public int? Status => Attempt.End == AttemptEnd.Answered ? Attempt.UpstreamStatus : null;

    /// <summary>How long the answer took to begin once the request was sent; for one that failed, the whole attempt.</summary>
    public double TookMs => (Attempt.End == AttemptEnd.Answered ? Attempt.FirstByteMs : null) ?? Attempt.DurationMs;

    /// <summary>The app's own error, or another gateway's, came whole.</summary>
    public bool AnsweredWithError => Observed is not null && Status >= 500;

    /// <summary>The <c>Server</c> field. Hostile text.</summary>
    public string? Server { get; init; }

    /// <summary>The <c>Location</c> field of a redirect, which is not followed. Hostile text.</summary>
    public string? Location { get; init; }
}
