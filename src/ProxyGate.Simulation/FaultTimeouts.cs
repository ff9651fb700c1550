namespace ProxyGate.Simulation;

/// <summary>The limits the gateway is given in front of the faults, so that every waiting fault ends soon.</summary>
public sealed record FaultTimeouts
{
    /// <summary>For tests.</summary>
    public static FaultTimeouts ForTests { get; } = new()
    {
        Dns = TimeSpan.FromSeconds(2),
        Connect = TimeSpan.FromSeconds(2),
        Tls = TimeSpan.FromSeconds(2),
        Send = TimeSpan.FromSeconds(2),
        FirstByte = TimeSpan.FromSeconds(2),
        Idle = TimeSpan.FromSeconds(2),
        Client = TimeSpan.FromSeconds(2),
    };

    /// <summary>For people who watch.</summary>
    public static FaultTimeouts ForPeople { get; } = new();

    public TimeSpan Dns { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Tls { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan FirstByte { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>For the client's own head and body (the gateway's <c>RequestHeadersTimeout</c> and <c>RequestBodyIdle</c>).</summary>
    public TimeSpan Client { get; init; } = TimeSpan.FromSeconds(2);
}
