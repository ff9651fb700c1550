using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>What the client did, and what the gateway decided by itself. They come first: neither may ever be laid at an upstream's door.</summary>
internal static class RequestRules
{
    public static Verdict? Client(RequestFacts request, AttemptFacts? last)
    {
        var stage = last is null ? Stage.Route : StageOf(last);
        return request.ClientFault switch
        {
            ClientFault.None => null,
            ClientFault.BodyFailed => new Verdict(CauseId.ClientBodyFailed),
            ClientFault.BodyTimedOut => new Verdict(CauseId.ClientBodyTimeout),
            ClientFault.RequestMalformed => new Verdict(CauseId.ClientRequestMalformed),
            ClientFault.RequestTooLarge => new Verdict(CauseId.ClientRequestTooLarge, Stage: request.RequestBytes > 0 ? Stage.Send : Stage.Route),
            ClientFault.HeadTimedOut => new Verdict(CauseId.ClientHeadTimeout),
            _ => new Verdict(CauseId.ClientDisconnected, Stage: stage),
        };
    }

    public static Verdict? Decision(RequestFacts request) => request.Decision switch
    {
        GatewayDecision.None => null,
        GatewayDecision.RouteNotFound => new Verdict(CauseId.RouteNotFound),
        GatewayDecision.NoDestinationsConfigured => new Verdict(CauseId.NoDestinationsConfigured),
        GatewayDecision.NoHealthyDestination => new Verdict(CauseId.NoHealthyDestination),
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

    /// <summary>How far an attempt had come.</summary>
    public static Stage StageOf(AttemptFacts attempt)
    {
        if (attempt.UpstreamStatus == 101) return Stage.Upgrade;
        if (attempt.Body is not null) return Stage.Body;
        if (attempt.RequestNumber == 0)
        {
            if (attempt.Tls is not null) return Stage.Tls;
            return attempt.AddressesTried.Count == 0 && attempt.Dns is not null ? Stage.Dns : Stage.Connect;
        }

        return attempt.RequestComplete || attempt.BytesReceived > 0 ? Stage.Head : Stage.Send;
    }
}
