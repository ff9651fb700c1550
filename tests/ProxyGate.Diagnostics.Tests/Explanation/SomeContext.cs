using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>Surroundings of a failure as the gateway would know them.</summary>
internal static class SomeContext
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 5, 14, TimeSpan.Zero);

    /// <summary>Failing for two minutes, after good answers, while the others answer.</summary>
    public static readonly FailureContext Failing = new()
    {
        Now = Now,
        RouteSource = "proxygate.json:14",
        RouteMatch = "shop.example/{**rest}",
        DestinationSource = "proxygate.json:31",
        FirstSeen = Now.AddSeconds(-130),
        Count = 120,
        LastSuccess = Now.AddSeconds(-136),
        GatewayStarted = Now.AddDays(-3),
        Neighbours = [new NeighbourState("app-2", Now.AddSeconds(-1), null), new NeighbourState("app-3", Now.AddSeconds(-2), null)],
        Paths = ["/basket", "/", "/search", "/login"],
        Saved = 17,
    };
}
