using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>What the client did, and what the gateway decided by itself. They come first: neither may ever be laid at an upstream's door.</summary>
internal static class RequestRules
{
    public static Verdict? Client(RequestFacts request, AttemptFacts? last) => request.ClientFault switch
    {
        ClientFault.None => null,
        ClientFault.BodyFailed => new Verdict(CauseId.ClientBodyFailed),
        ClientFault.BodyTimedOut => new Verdict(CauseId.ClientBodyTimeout),
        ClientFault.ReadTooSlowly => new Verdict(CauseId.ClientReadTimeout),
        ClientFault.RequestMalformed => new Verdict(CauseId.ClientRequestMalformed),
        ClientFault.RequestTooLarge => new Verdict(CauseId.ClientRequestTooLarge, Stage: request.RequestBytes > 0 ? Stage.Send : null),
        ClientFault.HeadTimedOut => new Verdict(CauseId.ClientHeadTimeout),
        // A client that leaves a running tunnel breaks the tunnel: that says more than "left".
        _ when request.TunnelEnd == TunnelEnd.ClientBroke => Tunnel(request),
        _ => new Verdict(CauseId.ClientDisconnected, Stage: last is null ? Stage.Route : AttemptRules.StageOf(last)),
    };

    public static Verdict? Decision(RequestFacts request, bool anAttemptFailed) => request.Decision switch
    {
        GatewayDecision.None => request.GatewayFault is not null && !anAttemptFailed ? new Verdict(CauseId.GatewayInternalError) : null,
        // No destination left after a failed attempt: what that attempt met is the cause, the lack of another only its echo.
        GatewayDecision.NoHealthyDestination or GatewayDecision.CircuitOpen or GatewayDecision.DestinationLimitReached when anAttemptFailed => null,
        GatewayDecision.RouteNotFound => new Verdict(CauseId.RouteNotFound),
        GatewayDecision.NoDestinationsConfigured => new Verdict(CauseId.NoDestinationsConfigured),
        GatewayDecision.NoHealthyDestination or GatewayDecision.BoundDestinationLost => new Verdict(CauseId.NoHealthyDestination),
        GatewayDecision.CircuitOpen => new Verdict(CauseId.CircuitOpen),
        GatewayDecision.DestinationLimitReached => new Verdict(CauseId.DestinationLimitReached),
        GatewayDecision.Overloaded => new Verdict(CauseId.GatewayOverloaded),
        GatewayDecision.Draining => new Verdict(CauseId.GatewayDraining),
        GatewayDecision.ConfigInvalid => new Verdict(CauseId.GatewayConfigInvalid),
        GatewayDecision.DestinationForbidden => new Verdict(CauseId.DestinationForbidden),
        GatewayDecision.ProxyLoop => new Verdict(CauseId.ProxyLoop),
        GatewayDecision.RateLimited => new Verdict(CauseId.RateLimited),
        GatewayDecision.DeniedByPolicy => new Verdict(CauseId.DeniedByPolicy),
        GatewayDecision.AuthServiceFailed => new Verdict(CauseId.AuthServiceFailed),
        _ => new Verdict(CauseId.GatewayInternalError),
    };

    public static Verdict? Tunnel(RequestFacts request) => request.TunnelEnd switch
    {
        TunnelEnd.Idle => new Verdict(CauseId.UpgradeIdleTimeout),
        TunnelEnd.UpstreamBroke => new Verdict(CauseId.UpgradeBroken),
        TunnelEnd.ClientBroke => new Verdict(CauseId.UpgradeBroken, Party: Party.Client),
        _ => null,
    };
}
