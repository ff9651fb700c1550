namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>What is known of a root cause before it is met.</summary>
public sealed record HintGuide
{
    public required string Id { get; init; }

    /// <summary>A few words, e.g. <c>The app is not running</c>.</summary>
    public required string Title { get; init; }

    /// <summary>One or two plain sentences: what goes on.</summary>
    public required string Meaning { get; init; }

    /// <summary>What proves it, and what speaks against it.</summary>
    public required string Evidence { get; init; }
}
