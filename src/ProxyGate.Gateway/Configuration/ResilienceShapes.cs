using static ProxyGate.Gateway.Configuration.Shapes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The keys that keep traffic flowing. Each default's reason stands in its description.</summary>
internal static class ResilienceShapes
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan HalfSecond = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static SectionShape Retries() => new(
    [
        new("Attempts", Whole(1, 10),
            "Tries a request gets in all, the first included: 1 to 10; 1 switches retries off. Three: one for a connection that has just closed and one for a destination that is down; what fails three times fails for another reason.", "3"),
        new("BudgetPercent", Whole(0, 100) with { Nullable = true },
            "Retries of a cluster in percent of its requests: 0 to 100. Twenty, so that an outage never meets more than 1.2 times the usual load. null: no such bound.", "20"),
        new("BudgetPerSecond", Whole(0, 100_000),
            "Retries of a cluster allowed every second besides: 0 to 100000. Ten, so that a quiet site, of whose few requests twenty percent is nothing, is helped too.", "10"),
        new("BodyBuffer", Size(0, 16 << 20),
            "Bytes of a request's body kept so that it can be sent again: 0 to 16MiB. 64KiB holds nearly every form and API call; uploads beyond are retried only while nothing of them has been read.", "\"64KiB\""),
        new("Backoff", Duration(Millisecond, Minute),
            "The median wait before the same destination is tried again: 1ms to 1m, then longer each time, with jitter, so that many requests do not come back at once. Another destination is tried at once. 50 ms is long for a busy app and short for a visitor.", "\"50ms\""),
        new("MaxBackoff", Duration(Millisecond, Minute), "The longest of these waits: 1ms to 1m. A second, as visitors wait meanwhile.", "\"1s\""),
        new("SameDestination", Flag(),
            "Whether a destination that could not be connected to is tried again, after Backoff, when there is no other. false, as an app that refuses does so for seconds: the visitor gets the answer at once, and the page returns by itself.", "false"),
        new("OnStatus", new ListShape(Whole(502, 504)),
            "Statuses of the app (502, 503, 504) after which an idempotent request is tried at another destination. Empty, as they are the app's own answers.", "[]"),
    ]);

    public static SectionShape CircuitBreaker() => new(
    [
        new("Enabled", Flag(), "Whether there is one. true: a destination that is down then costs nothing, and is back within a second of its return.", "true"),
        new("FailurePercent", Whole(1, 100),
            "Share of attempts within Window that must have failed: 1 to 100. Counted are failures to connect, broken connections and timeouts, never a client's faults. Eighty, so that one bad path of many does not close the others.", "80"),
        new("MinimumFailures", Whole(2, 10_000),
            "Attempts within Window before it may open: 2 to 10000. Five: a handful is a pattern, one or two are a restart.", "5"),
        new("Window", Duration(HalfSecond, TimeSpan.FromMinutes(10)), "The time over which is counted: 500ms to 10m. Ten seconds forget a short trouble soon.", "\"10s\""),
        new("Break", Duration(HalfSecond, Minute),
            "How long until the destination is tried again, by one request: 500ms to 1m. Half a second, so that a recovery is seen within a second.", "\"500ms\""),
        new("OnStatus", new ListShape(Whole(500, 599)), "Statuses of the app that count as failures: 500 to 599. Empty, as they are the app's own answers.", "[]"),
    ]);

    public static SectionShape Concurrency() => new(
    [
        new("MaxPerDestination", Whole(1, 1_000_000) with { Nullable = true },
            "Requests under way at one destination: 1 to 1000000. Tunnels (WebSocket) do not count. null: no limit, as only you know what the app can do at once.", "null"),
        new("Queue", Whole(0, 1_000_000),
            "How many more may wait for their turn at a destination: 0 to 1000000. A hundred even out a burst; more would only wait for longer.", "100"),
        new("QueueTime", Duration(Millisecond, Minute),
            "The longest wait in the queue while it empties now and then: 1ms to 1m. A second, beyond which visitors reload.", "\"1s\""),
        new("QueueTarget", Duration(Millisecond, Minute),
            "The longest wait while the queue has not been empty for 100 ms, which is when more comes than the app can do: 1ms to 1m. 20 ms, so that the requests taken keep their speed; the others are told at once to come again.", "\"20ms\""),
    ]);

    public static SectionShape Overload() => new(
    [
        new("MaxRequests", Whole(1, 10_000_000) with { Nullable = true },
            "Requests under way in the gateway, over all clusters: 1 to 10000000. Tunnels (WebSocket) do not count. 20000 need about a GiB of memory: beyond, the gateway itself would be the next to fall. null: no limit.", "20000"),
    ]);
}
