namespace ProxyGate.Diagnostics.Attempts;

/// <summary>What the gateway knows about the client's request and about its own decisions for it.</summary>
public sealed record RequestFacts
{
    public required string Method { get; init; }

    /// <summary>The host the client asked for. Hostile input.</summary>
    public string Host { get; init; } = "";

    /// <summary>The path without the query. Hostile input.</summary>
    public string Path { get; init; } = "";

    /// <summary>The protocol the client spoke, e.g. <c>HTTP/1.1</c>.</summary>
    public string Protocol { get; init; } = "";

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    /// <summary>Where the gateway's own decision ended the request; <see cref="GatewayDecision.None"/> when it was forwarded.</summary>
    public GatewayDecision Decision { get; init; }

    /// <summary>A few words that go with <see cref="Decision"/>, e.g. which limit. For operators.</summary>
    public string? DecisionDetail { get; init; }

    /// <summary>The cluster's destinations that were out of use, with their reasons.</summary>
    public IReadOnlyList<UnhealthyDestination> Unhealthy { get; init; } = [];

    /// <summary>For a request that was not sent because its destinations had been failing: what had come before.</summary>
    public OpenCircuitFacts? OpenCircuit { get; init; }

    /// <summary>Why a failed request was not tried again; <see cref="TriedNoMore.None"/> when nothing stood against it, or it was answered.</summary>
    public TriedNoMore TriedNoMore { get; init; }

    /// <summary>What the client did wrong, when it did.</summary>
    public ClientFault ClientFault { get; init; }

    /// <summary>The status Kestrel gave the client's bad request, when it did (400, 408, 413, 414, 431…).</summary>
    public int? ClientFaultStatus { get; init; }

    /// <summary>Bytes of the client's body that were read.</summary>
    public long RequestBytes { get; init; }

    /// <summary>Whether the client asked for an upgrade (WebSocket or other).</summary>
    public bool WantsUpgrade { get; init; }

    /// <summary>For a tunnel that was running when it ended: which side ended it.</summary>
    public TunnelEnd TunnelEnd { get; init; }

    /// <summary>Whether response bytes had gone to the client when the failure was seen.</summary>
    public bool ResponseStarted { get; init; }

    /// <summary>The whole request, in milliseconds.</summary>
    public double DurationMs { get; init; }

    /// <summary>The exception of a gateway fault, for operators and the log.</summary>
    public string? GatewayFault { get; init; }
}

/// <summary>A decision of the gateway that ended a request before or instead of forwarding it.</summary>
public enum GatewayDecision
{
    None,
    RouteNotFound,
    NoDestinationsConfigured,
    NoHealthyDestination,
    /// <summary>The destination this client is bound to cannot be used, and no other may be.</summary>
    BoundDestinationLost,
    CircuitOpen,
    DestinationLimitReached,
    Overloaded,
    Draining,
    ConfigInvalid,
    DestinationForbidden,
    ProxyLoop,
    RateLimited,
    DeniedByPolicy,
    AuthServiceFailed,
    InternalError,
}

/// <summary>Why a request that failed was not tried again.</summary>
public enum TriedNoMore
{
    None,
    /// <summary>It would fail in the same way, or an answer had begun.</summary>
    WouldNotHelp,
    /// <summary>The app may have acted on it, and its method is not idempotent (RFC 9110 section 9.2.2).</summary>
    MayHaveBeenProcessed,
    /// <summary>Its body had been sent in part and was not kept.</summary>
    BodyNotKept,
    /// <summary>The destination was the only one left.</summary>
    NoOtherDestination,
    /// <summary>It has been tried as often as allowed.</summary>
    AttemptsUsed,
    /// <summary>The limit of the whole request left no time.</summary>
    TimeUsed,
    /// <summary>The cluster's share of retries was used up.</summary>
    BudgetUsed,
}

/// <summary>What opened a circuit: the failures that came before, so that the one who meets it learns their cause.</summary>
public sealed record OpenCircuitFacts
{
    /// <summary>The destination that failed last, by its id.</summary>
    public required string Destination { get; init; }

    /// <summary>The cause of its last failure; absent in the moment before it is known.</summary>
    public string? Cause { get; init; }

    /// <summary>The incident of that failure.</summary>
    public string? Incident { get; init; }

    /// <summary>The id of that failure.</summary>
    public string? FailureId { get; init; }

    /// <summary>When the circuit opened.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How long until it is tried again, in milliseconds.</summary>
    public double RetryInMs { get; init; }

    /// <summary>The same in whole seconds, as clients are told it.</summary>
    public int RetryInSeconds => Math.Max(1, (int)Math.Ceiling(Math.Min(RetryInMs, int.MaxValue) / 1000));

    /// <summary>How many destinations of the cluster are left alone like this.</summary>
    public int Destinations { get; init; } = 1;
}

/// <summary>What the client did wrong.</summary>
public enum ClientFault
{
    None,
    /// <summary>It went away before the answer was complete.</summary>
    Disconnected,
    /// <summary>Its body was malformed, shorter than announced, or cut.</summary>
    BodyFailed,
    /// <summary>It sent its body too slowly.</summary>
    BodyTimedOut,
    /// <summary>It took the answer so slowly that the time for the whole request ran out.</summary>
    ReadTooSlowly,
    /// <summary>Its request line or fields break RFC 9112.</summary>
    RequestMalformed,
    /// <summary>Its head or body passes a configured limit.</summary>
    RequestTooLarge,
    /// <summary>It did not finish its head in time.</summary>
    HeadTimedOut,
}

/// <summary>How a running tunnel (WebSocket or other upgrade) ended.</summary>
public enum TunnelEnd
{
    None,
    Normal,
    ClientBroke,
    UpstreamBroke,
    Idle,
}

/// <summary>Everything the classifier is given: the request and its attempts, in order.</summary>
public sealed record FailureFacts(RequestFacts Request, IReadOnlyList<AttemptFacts> Attempts);
