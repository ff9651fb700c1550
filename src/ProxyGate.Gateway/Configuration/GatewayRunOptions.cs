namespace ProxyGate.Gateway.Configuration;

/// <summary>What a person asked <c>proxygate run</c> to run: a file, or a single URL.</summary>
public sealed record GatewayRunOptions
{
    /// <summary>The configuration file; absent when <see cref="To"/> is given.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>The one destination to forward everything to; absent when <see cref="ConfigFile"/> is given.</summary>
    public string? To { get; init; }

    /// <summary>Listen addresses that take the place of the configured ones; empty: the configured ones.</summary>
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Called once when the gateway listens, e.g. to greet on a terminal.</summary>
    internal Action<StartedGateway>? Started { get; init; }
}

/// <summary>What there is to say of a gateway that has started.</summary>
/// <param name="Addresses">Where it really listens, with the ports the system chose.</param>
internal sealed record StartedGateway(GatewaySettings Settings, ConfigResult Config, IReadOnlyList<string> Addresses);
