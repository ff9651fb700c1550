namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// What stood around the failure when it happened: where the route is written, since when and how often it fails, and what else fails.
/// Known to the gateway, not to the attempt. Operators only.
/// </summary>
public sealed record FailureContext
{
    /// <summary>The moment all of this was true, which is the event's own time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The line that sent the request there, e.g. <c>proxygate.json:14</c>; absent when the route came from the command line or none was found.</summary>
    public string? RouteSource { get; init; }

    /// <summary>What the route matches, e.g. <c>shop.example/api/{**rest}</c>.</summary>
    public string? RouteMatch { get; init; }

    /// <summary>The line of the destination's address, e.g. <c>proxygate.json:31</c>.</summary>
    public string? DestinationSource { get; init; }

    /// <summary>When the incident began.</summary>
    public DateTimeOffset? FirstSeen { get; init; }

    /// <summary>How many failures it has, this one included.</summary>
    public long Count { get; init; }

    /// <summary>How often the destination answered well in between, only to fail again soon: then it comes and goes.</summary>
    public int Recoveries { get; init; }

    /// <summary>When this destination last answered well, over any route; absent when never since the gateway started.</summary>
    public DateTimeOffset? LastSuccess { get; init; }

    /// <summary>When the gateway started, which is how far back the rest goes.</summary>
    public DateTimeOffset? GatewayStarted { get; init; }

    /// <summary>The other destinations of the cluster, and how they do.</summary>
    public IReadOnlyList<NeighbourState> Neighbours { get; init; } = [];

    /// <summary>Other routes that fail now, by id; at most eight.</summary>
    public IReadOnlyList<string> OtherFailingRoutes { get; init; } = [];

    /// <summary>Paths seen failing in this incident, at most eight, without queries.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Whether other paths of the same destination answered well since the incident began: then it is this path, not the destination.</summary>
    public bool OtherPathsAnswer { get; init; }

    /// <summary>How many requests of this incident were saved by another attempt.</summary>
    public long Saved { get; init; }

    /// <summary>For a request that was sent nowhere: the last failure of each destination that is left alone or out of use, as far as one is known.</summary>
    public IReadOnlyList<EarlierFailure> Before { get; init; } = [];
}

/// <summary>Another destination of the same cluster.</summary>
/// <param name="Destination">Its id.</param>
/// <param name="LastSuccess">When it last answered well.</param>
/// <param name="FailingWith">The cause of its open incident; absent when it has none.</param>
public sealed record NeighbourState(string Destination, DateTimeOffset? LastSuccess, string? FailingWith);
