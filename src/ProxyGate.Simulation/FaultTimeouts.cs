namespace ProxyGate.Simulation;

/// <summary>The limits the gateway is given in front of the faults, so that every waiting fault ends soon.</summary>
public sealed record FaultTimeouts
{
    /// <summary>For one fault after the other, and for people who watch: two seconds each.</summary>
    public static FaultTimeouts Brief { get; } = Of(TimeSpan.FromSeconds(2));

    /// <summary>For many faults at once, when an answer that comes may wait for the processor: five seconds each.</summary>
    public static FaultTimeouts Patient { get; } = Of(TimeSpan.FromSeconds(5));

    public required TimeSpan Dns { get; init; }

    public required TimeSpan Connect { get; init; }

    public required TimeSpan Tls { get; init; }

    public required TimeSpan Send { get; init; }

    public required TimeSpan FirstByte { get; init; }

    public required TimeSpan Idle { get; init; }

    /// <summary>For the client's own head and body (the gateway's <c>RequestHeadersTimeout</c> and <c>RequestBodyIdle</c>).</summary>
    public required TimeSpan Client { get; init; }

    private static FaultTimeouts Of(TimeSpan each) => new() { Dns = each, Connect = each, Tls = each, Send = each, FirstByte = each, Idle = each, Client = each };
}
