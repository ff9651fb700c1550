using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>How sure a statement is.</summary>
public enum Confidence
{
    /// <summary>The evidence admits no other reading (errno, alert, certificate, kernel counters, bytes).</summary>
    Proved,
    /// <summary>The usual reading of the evidence.</summary>
    Likely,
    /// <summary>One of several readings.</summary>
    Possible,
}

/// <summary>Whether the request may be sent again, judged by evidence alone (RFC 9110 section 9.2.2, RFC 9113 section 8.7).</summary>
public enum RetryAdvice
{
    /// <summary>The upstream cannot have processed it: any method may be repeated.</summary>
    SafeForAnyMethod,
    /// <summary>It may have been processed: repeat only idempotent methods.</summary>
    IdempotentOnly,
    /// <summary>Do not repeat: it will fail again, or was answered.</summary>
    No,
}

/// <summary>The classifier's verdict on one request.</summary>
/// <param name="Cause">What was observed.</param>
/// <param name="Stage">Where.</param>
/// <param name="Party">Who ended it or must act.</param>
/// <param name="Status">The status for the client: the cause's, the app's own where that is passed on or has begun, or the client fault's.</param>
/// <param name="Retry">Whether another attempt is safe.</param>
/// <param name="Confidence">How sure the cause is.</param>
/// <param name="Attempt">The attempt that decided, when one was made.</param>
/// <param name="AttemptCauses">The cause of each attempt, in order; none for one that was answered well.</param>
public sealed record Failure(
    Cause Cause,
    Stage Stage,
    Party Party,
    int Status,
    RetryAdvice Retry,
    Confidence Confidence,
    AttemptFacts? Attempt,
    IReadOnlyList<Cause?> AttemptCauses)
{
    /// <summary>How long until trying again can help, in milliseconds, where the gateway knows it.</summary>
    public double? RetryInMs { get; init; }

    /// <summary>The value of Retry-After; absent where waiting is not known to help.</summary>
    public int? RetryAfterSeconds => !Cause.Retryable ? null : RetryInMs is { } time ? Math.Max(1, (int)Math.Ceiling(time / 1000)) : Cause.RetryAfterSeconds;
}
