namespace ProxyGate.Simulation;

/// <summary>
/// One way an upstream (or a client, or a configuration) can go wrong, which truly happens on the wire while it runs. Instances hold
/// no state: everything of a run lives in its <see cref="RunningFault"/>, so that one fault may run several times at once.
/// </summary>
public abstract class Fault
{
    private protected Fault(string id, string family, string summary, FaultExpectation expect)
    {
        Id = id;
        Family = family;
        Summary = summary;
        Expect = expect;
    }

    /// <summary>Stable kebab-case id, e.g. <c>connect-refused</c>.</summary>
    public string Id { get; }

    /// <summary>One of <see cref="FaultFamily"/>.</summary>
    public string Family { get; }

    /// <summary>One plain sentence: what this upstream does.</summary>
    public string Summary { get; }

    /// <summary>What a gateway in front of it must conclude and answer.</summary>
    public FaultExpectation Expect { get; }

    /// <summary>What the client has to send to meet the fault.</summary>
    public virtual FaultRequest Request => FaultRequest.Get;

    /// <summary>
    /// Whether the gateway has to run inside the network namespace named by <see cref="RunningFault.Namespace"/>, because the fault
    /// is made of routes, packet filters or a resolver of that namespace.
    /// </summary>
    public virtual bool RequiresNamespace => false;

    /// <summary>Whether it must be the only fault behind its gateway, because it is made of a setting of the gateway as a whole.</summary>
    public virtual bool RequiresOwnGateway => false;

    /// <summary>Why this fault cannot be started here, in one sentence; absent when it can.</summary>
    public virtual string? CannotRunBecause(FaultEnvironment environment) => null;

    public abstract Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken);
}

/// <summary>The families of faults, in the order in which they are listed: the way of a request through the gateway.</summary>
public static class FaultFamily
{
    public const string Name = "name";
    public const string Connect = "connect";
    public const string Tls = "tls";
    public const string Time = "time";
    public const string Closed = "closed";
    public const string Malformed = "malformed";
    public const string Foreign = "foreign";
    public const string Upgrade = "upgrade";
    public const string Http2 = "http2";
    public const string App = "app";
    public const string Client = "client";
    public const string Gateway = "gateway";

    /// <summary>Not faults: odd but correct upstreams that a gateway must serve without complaint.</summary>
    public const string Control = "control";

    public static IReadOnlyList<string> All { get; } =
        [Name, Connect, Tls, Time, Closed, Malformed, Foreign, Upgrade, Http2, App, Client, Gateway, Control];
}
