using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// A failure that came before, because of which its destination is left alone now, and what was found of it, in the words of then. A request that
/// was not sent has seen nothing itself: this is all there is to tell. Operators only.
/// </summary>
public sealed record EarlierFailure
{
    private const int MostHints = 2;

    /// <summary>Whose failure it was, by its id.</summary>
    public required string Destination { get; init; }

    public required string FailureId { get; init; }

    /// <summary>When it failed.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What it met, by its id; where a look has proved more than the attempt saw, that.</summary>
    public required string Cause { get; init; }

    /// <summary>The same as a sentence, of the request that failed.</summary>
    public required string Sentence { get; init; }

    /// <summary>When network and host were looked at; absent when they were not.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>It is long ago, or something has changed since: what was proved then is not a proof any more.</summary>
    public bool IsOutdated { get; init; }

    /// <summary>What was likely or proved behind it, at most two; the first of what was possible where there was no more.</summary>
    public IReadOnlyList<Hint> Hints { get; init; } = [];

    /// <summary>Where no hint is proved: shell lines that look at that destination.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>When the newest of this was found.</summary>
    public DateTimeOffset FoundAt => LookedAt ?? At;

    /// <param name="id">The failure's id.</param>
    /// <param name="at">When it failed.</param>
    /// <param name="diagnosis">The failure in words, with all that is known of it by now. It was an attempt that failed.</param>
    /// <param name="outdated">See <see cref="IsOutdated"/>.</param>
    public static EarlierFailure Of(string id, DateTimeOffset at, Diagnosis diagnosis, bool outdated)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        var sure = diagnosis.Hints.Where(h => h.Confidence != Confidence.Possible).Take(MostHints).ToArray();
        var told = sure.Length > 0 ? sure : [.. diagnosis.Hints.Take(1)];
        return new EarlierFailure
        {
            Destination = diagnosis.Failure.Attempt?.Destination ?? "",
            FailureId = id,
            At = at,
            Cause = diagnosis.Failure.Cause.Id,
            Sentence = diagnosis.Sentence,
            LookedAt = diagnosis.Investigation?.At,
            IsOutdated = outdated,
            Hints = outdated ? [.. told.Select(h => h.Confidence == Confidence.Proved ? h with { Confidence = Confidence.Likely } : h)] : told,
            Checks = diagnosis.Checks,
        };
    }
}
