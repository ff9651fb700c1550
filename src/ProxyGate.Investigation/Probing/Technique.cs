using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Investigation.Probing;

/// <summary>The ways to look, each worth its time for some causes only.</summary>
[Flags]
internal enum Technique
{
    None = 0,
    /// <summary>Ask the name servers.</summary>
    Names = 1,
    /// <summary>Connect to the address, and read who refuses.</summary>
    Connect = 2,
    /// <summary>The kernel's route and neighbour entry.</summary>
    Route = 4,
    /// <summary>Signs of life beside the port: ping, an answer to a datagram.</summary>
    Signs = 8,
    /// <summary>How far packets get before they vanish; waits longer.</summary>
    Trace = 16,
    /// <summary>The other configured ports of the same host.</summary>
    Others = 32,
    /// <summary>Find out what speaks there.</summary>
    Service = 64,
    /// <summary>Ask the health endpoint.</summary>
    Health = 128,
    All = Names | Connect | Route | Signs | Others | Service | Health,
}

/// <summary>Which techniques a cause is worth. Causes that no look at the network can explain have none.</summary>
internal static class Techniques
{
    private const Technique Unreached = Technique.Names | Technique.Connect | Technique.Route | Technique.Signs | Technique.Others | Technique.Service;
    private const Technique Spoken = Technique.Names | Technique.Connect | Technique.Route | Technique.Service | Technique.Health;

    public static Technique For(string cause) => cause switch
    {
        CauseId.DnsNotFound or CauseId.DnsFailed or CauseId.DnsTimeout => Technique.Names,
        CauseId.DnsNoUsableAddress => Technique.Names | Technique.Connect | Technique.Route,
        // The kernel or the last router calls a host unreachable after three seconds of silence.
        CauseId.ConnectTimeout or CauseId.HostUnreachable or CauseId.ConnectRefused => Unreached | Technique.Trace,
        CauseId.NetworkUnreachable or CauseId.GatewayConnectDenied => Unreached,
        CauseId.SocketMissing or CauseId.SocketPermissionDenied or CauseId.ListenBacklogFull or CauseId.UpstreamStarting => Technique.Connect | Technique.Service,
        CauseId.NoHealthyDestination or CauseId.CircuitOpen => Unreached | Technique.Health,
        // The gateway's own limits show in the machine, not in the network; clients and policies are not looked into.
        CauseId.GatewayPortsExhausted or CauseId.GatewayFdsExhausted or CauseId.RouteNotFound or CauseId.NoDestinationsConfigured or CauseId.DestinationLimitReached
            or CauseId.GatewayOverloaded or CauseId.GatewayDraining or CauseId.GatewayConfigInvalid or CauseId.DestinationForbidden or CauseId.ProxyLoop
            or CauseId.GatewayInternalError or CauseId.ClientBodyFailed or CauseId.ClientBodyTimeout or CauseId.ClientReadTimeout or CauseId.ClientDisconnected
            or CauseId.ClientRequestMalformed or CauseId.ClientRequestTooLarge or CauseId.ClientHeadTimeout or CauseId.DeniedByPolicy
            or CauseId.RateLimited or CauseId.UpstreamErrorPassedThrough or CauseId.UpstreamIsAGateway => Technique.None,
        _ => Spoken,
    };
}
