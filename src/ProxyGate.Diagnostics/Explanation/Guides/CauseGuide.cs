namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>
/// What is known of a cause before it happens: the page of the manual. With an example, because a sentence with values in it is understood
/// at once.
/// </summary>
public sealed record CauseGuide
{
    public required string Id { get; init; }

    /// <summary>One or two plain sentences: what ProxyGate saw.</summary>
    public required string Meaning { get; init; }

    /// <summary>The usual root causes, the most frequent first.</summary>
    public required IReadOnlyList<RootCause> RootCauses { get; init; }

    /// <summary>What other proxies call it.</summary>
    public required IReadOnlyList<Equivalent> Equivalents { get; init; }
}

/// <summary>A root cause that can stand behind a cause.</summary>
/// <param name="Hint">The hint's id; its words are in the hint's guide.</param>
/// <param name="TellApart">The evidence that would tell it from its neighbours, as a sentence.</param>
public sealed record RootCause(string Hint, string TellApart);

/// <summary>What another proxy, balancer, platform or library says for the same fault.</summary>
/// <param name="System"><c>nginx</c>, <c>HAProxy</c>, <c>Envoy</c>, <c>AWS ALB</c>, <c>Cloudflare</c>, <c>Heroku</c>, <c>errno</c>, <c>.NET</c>, <c>curl</c>, …</param>
/// <param name="Message">Its message or code, as one would search for it.</param>
/// <param name="Difference">Where it means more or less than ours; empty where it means the same.</param>
public sealed record Equivalent(string System, string Message, string Difference = "");
