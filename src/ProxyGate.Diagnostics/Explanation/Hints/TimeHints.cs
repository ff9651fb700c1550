using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in times.</summary>
internal static class TimeHints
{
    /// <summary>Time limits by which app servers and clients give up: gunicorn and many platforms 30 s, PHP and Puma 60 s.</summary>
    private static readonly double[] RoundLimitsMs = [10_000, 15_000, 20_000, 30_000, 60_000, 90_000, 120_000];

    /// <summary>Idle times after which load balancers and firewalls in clouds forget a connection: AWS NLB 350 s, Azure 240 s, GCP 600 s.</summary>
    private static readonly double[] MiddleboxIdleMs = [240_000, 350_000, 600_000];

    /// <summary>Keep-alive limits servers ship with: gunicorn 2 s; Node, uvicorn and Apache 5 s; Puma 20 s; Node behind proxies 65 s; nginx 75 s; Go and Java 60 s.</summary>
    private static readonly (double Ms, string Servers)[] KeepAliveLimits =
    [
        (2_000, "gunicorn"), (5_000, "Node, uvicorn and Apache"), (20_000, "Puma and Tomcat"), (60_000, "several servers"), (65_000, "servers set up for proxies"), (75_000, "nginx"),
    ];

    /// <summary>From here on a client that leaves may have left because it had to wait.</summary>
    private const double LongWaitMs = 5_000;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.StaleConnection when a.RequestNumber > 1:
                yield return KeepAliveRace(s, a);
                if (a.IdleMs is { } idle && Near(idle, MiddleboxIdleMs) is { } forgotten)
                {
                    yield return Hint(s, "middlebox_cut", Confidence.Possible, "Something in between, such as a cloud's load balancer, forgets connections that are unused for long.", $"The connection was unused for {Amounts.Time(idle)}, close to {Amounts.Time(forgotten)}, a usual limit of load balancers");
                }

                break;
            case CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.ResponseBodyTruncated or CauseId.ResponseBodyReset
                or CauseId.ResponseHeadIncomplete or CauseId.RequestSendFailed when Near(s.AfterRequestMs, RoundLimitsMs) is { } limit:
                yield return Hint(
                    s,
                    "worker_timeout_kill",
                    Confidence.Possible,
                    $"The app's server may end requests that take longer than {Amounts.Time(limit)}, by a limit of its own.",
                    $"The connection ended {s.AfterRequest} after the request was sent, which is close to a round {Amounts.Time(limit)}");
                break;
            case CauseId.ResponseTimeout when a is { RequestComplete: true, TimedOut: TimeoutPhase.FirstByte or TimeoutPhase.Total or TimeoutPhase.Head } && Received(a):
                yield return Hint(
                    s,
                    "slow_request",
                    s.Context is { OtherPathsAnswer: true, Paths.Count: 1 } ? Confidence.Likely : Confidence.Possible,
                    $"This request may simply take the app longer than {s.Limit}.",
                    Confirmed(s, a));
                break;
            case CauseId.ClientDisconnected when a is { RequestComplete: true, FirstByteMs: null } && s.AfterRequestMs >= LongWaitMs:
                yield return Hint(s, "slow_request", Confidence.Possible, "The client may have left because the answer took too long.", $"The app had the request for {s.AfterRequest} and had not answered");
                if (Near(s.Request.DurationMs, RoundLimitsMs) is { } patience)
                {
                    yield return Hint(s, "client_timeout", Confidence.Possible, $"The client's program, or a load balancer in front, may give up after {Amounts.Time(patience)}.", $"The client left after {Amounts.Time(s.Request.DurationMs)}, which is close to a round {Amounts.Time(patience)}");
                }

                break;
        }
    }

    private static Hint KeepAliveRace(Seen s, AttemptFacts a)
    {
        var evidence = new List<string>
        {
            $"Request number {a.RequestNumber} on a reused connection{(a.IdleMs is { } idle ? $", unused for {Amounts.Time(idle)} before" : "")}; not a byte of an answer",
        };
        if (a.Tcp is { RequestBytesOnWire: > 0, RequestBytesAcked: 0 }) evidence.Add("The other machine did not confirm a byte of this request");
        var limit = a.IdleMs is { } ms ? KeepAliveLimits.FirstOrDefault(l => Math.Abs(ms - l.Ms) <= Math.Max(150, l.Ms * 0.05)) : default;
        if (limit.Servers is not null) evidence.Add($"That is close to {Amounts.Time(limit.Ms)}, after which {limit.Servers} close unused connections unless told otherwise");
        return Hint(
            s,
            "keepalive_race",
            a.IdleMs >= 1000 || limit.Servers is not null ? Confidence.Likely : Confidence.Possible,
            "The app closed the unused connection in the very moment ProxyGate used it again.",
            evidence);
    }

    private static double? Near(double ms, double[] limits)
    {
        foreach (var limit in limits)
        {
            if (Math.Abs(ms - limit) <= Math.Max(250, limit * 0.02)) return limit;
        }

        return null;
    }

    private static bool Received(AttemptFacts a) => a.Tcp is not { } tcp || tcp.RequestBytesAcked >= tcp.RequestBytesOnWire;

    private static string Confirmed(Seen s, AttemptFacts a) => a.Tcp is { RequestBytesOnWire: > 0 and var sent }
        ? $"The other machine confirmed having received the whole request ({Amounts.Bytes(sent)}), and the connection was still open after {s.Limit}"
        : $"The connection was accepted and the whole request sent ({Amounts.Bytes(a.BytesSent)}), and it was still open after {s.Limit}";
}
