using System.Text.Json.Nodes;
using static ProxyGate.Gateway.Configuration.Shapes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The keys that steer traffic: health, balancing, names and the stop. Each default's reason stands in its description.</summary>
internal static class TrafficShape
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The policies the gateway has beside YARP's.</summary>
    public static string[] OwnPolicies { get; } = ["WeightedRoundRobin", "WeightedLeastRequests", "ConsistentHash"];

    public static string[] LoadBalancingPolicies { get; } =
        ["PowerOfTwoChoices", "FirstAlphabetical", "Random", "RoundRobin", "LeastRequests", .. OwnPolicies];

    public static SectionShape Drain() => new(
    [
        new("Grace", Duration(TimeSpan.Zero, Hour),
            "How long everything is still served after the stop was asked for, while /readyz already answers 503: 0s to 1h. 0s, because on a single machine nobody watches /readyz; behind a load balancer set it longer than its check takes to notice.",
            "\"0s\""),
        new("Limit", Duration(Millisecond, Hour),
            "How long requests under way may take after that until they are ended with gateway_draining: 1ms to 1h. 30s, because longer than most answers take, and shorter than service managers wait before they kill (systemd: 90s). A second signal ends at once.",
            "\"30s\""),
    ]);

    public static IEnumerable<ShapeKey> OfCluster() =>
    [
        new("Health", Health(), "How the health of this cluster's destinations is judged; when and where to ask stands in ReverseProxy:Clusters:<id>:HealthCheck."),
        new("Weights", new MapShape("destination", Whole(0, 1000)),
            "The share of each destination, by its id, for the policies WeightedRoundRobin, WeightedLeastRequests and ConsistentHash: 0 to 1000; 0: no new requests. A destination not named has the weight of its metadata \"Weight\", or 1, so that naming one is enough.", "{}"),
        new("Hash", Hash(), "What the policy ConsistentHash goes by."),
        new("Resolve", Choice("auto", "connect", "all"),
            "What the addresses of a destination's name are; the name is looked up again when its answer has aged. all: each is a destination of its own, with its own health, limits and share. connect: one destination; each new connection goes to the first address that answers. auto: all where a name has several addresses of one kind, as those are several servers; connect where it has one, or IPv4 and IPv6, as those are usually two ways to one server.",
            "\"auto\""),
    ];

    private static SectionShape Health() => new(
    [
        new("Kind", Choice("http", "tcp", "grpc"),
            "http: a GET of HealthCheck:Active:Path. tcp: a connection is enough. grpc: grpc.health.v1.Health/Check. http, because an app can listen and still be broken.", "\"http\""),
        new("Rise", Whole(1, 100), "Good checks in a row until a destination is used again: 1 to 100. 2, because one good answer can be luck; between the two the next check follows within a second.", "2"),
        new("Fall", Whole(1, 100), "Failed checks in a row until a destination is taken out of use: 1 to 100. 2, because one lost packet is no outage; after the first the next check follows within a second.", "2"),
        new("Status", new ListShape(HealthStatusShape()), "Statuses of a healthy answer, e.g. 200 or 2xx. 2xx as in YARP: a redirect or a sign-in page says nothing of the app.", "[\"2xx\"]"),
        new("Service", Text(), "The service asked for over gRPC. Empty, which by the protocol means the whole server.", "\"\""),
        new("SlowStart", Duration(TimeSpan.Zero, Hour), "How long a destination that has come back takes to get its full share: 0s to 1h; 0s: at once. 10s, because caches and pools of a fresh process are cold.", "\"10s\""),
        new("Panic", Whole(0, 100) with { Nullable = true },
            "When less than this percentage of the destinations is usable, all are used, as the checks are then more likely wrong than the apps: 0 to 100; 0: never. null: as AvailableDestinationsPolicy says, which without being set means: when none is left.", "null"),
        new("Damping", Duration(TimeSpan.Zero, TimeSpan.FromDays(1)), "How long going down is held against a destination: each time within it doubles the good checks needed to come back, up to 32 times Rise; 0s: off. 5m, because a process that is restarted over and over should not get requests each time.", "\"5m\""),
    ]);

    private static SectionShape Hash() => new(
    [
        new("By", Choice("address", "header", "cookie", "path"), "What is kept together: the client's address, a header field, a cookie or the path. A request without the header or cookie goes by its address. address, because every request has one.", "\"address\""),
        new("Name", Name("the name of a header field or cookie"), "Name of the header field or cookie."),
        new("Bound", Whole(100, 1000), "How far above the average a destination's requests under way may be, in percent, before its clients go to the next: 100 to 1000. 125, because then one popular key cannot drown its destination, and few clients move.", "125"),
    ]);

    private static ScalarShape HealthStatusShape() => new(ScalarType.Status, "a status such as 200 or 2xx",
        text => HealthStatus.TryParse(text, out _) ? null : new ScalarMistake($"\"{text}\" is not a status; write it as 200, or 2xx for all of them"))
    {
        Schema = static () => new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = HealthStatus.Pattern, ["minimum"] = 100, ["maximum"] = 599 },
    };
}
