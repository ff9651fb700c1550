using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in times.</summary>
internal static class TimeHints
{
    /// <summary>Time limits that app servers kill their workers by: gunicorn and Heroku-like platforms 30 s, PHP and puma 60 s.</summary>
    private static readonly double[] WorkerLimitsMs = [10_000, 20_000, 30_000, 60_000, 90_000, 120_000];

    /// <summary>Keep-alive limits servers ship with: gunicorn 2 s; Node, uvicorn and Apache 5 s; Puma 20 s; Node behind proxies 65 s; nginx 75 s; Go and Java 60 s.</summary>
    private static readonly (double Ms, string Servers)[] KeepAliveLimits =
    [
        (2_000, "gunicorn"), (5_000, "Node, uvicorn and Apache"), (20_000, "Puma and Tomcat"), (60_000, "several servers"), (65_000, "servers set up for proxies"), (75_000, "nginx"),
    ];

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is not { } a) yield break;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.StaleConnection when a.RequestNumber > 1:
                yield return KeepAliveRace(s, a);
                break;
            case CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.ResponseBodyTruncated when WorkerLimit(s) is { } limit:
                yield return Hint(
                    "worker_timeout_kill",
                    Confidence.Possible,
                    $"The app's server may end requests that take longer than {Amounts.Time(limit)}, by its own limit.",
                    [$"The connection was closed {s.AfterRequest} after the request was sent, which is close to a round {Amounts.Time(limit)}"],
                    Shell.Step("Look for a time limit in the app's server (gunicorn: --timeout, php-fpm: request_terminate_timeout, puma: worker_timeout)."),
                    Shell.Step("Its log tells, for instance \"WORKER TIMEOUT\":"),
                    "journalctl --since '-10 min' | grep -iE 'timeout|killed|terminat'");
                break;
            case CauseId.ResponseTimeout when a is { RequestComplete: true, TimedOut: TimeoutPhase.FirstByte or TimeoutPhase.Total or TimeoutPhase.Head } && Received(a):
                yield return Hint(
                    "slow_request",
                    Confidence.Possible,
                    $"This request may simply take the app longer than {s.Limit}.",
                    [Confirmed(s, a)],
                    Checks.SlowCurl(s),
                    Shell.Step($"If it is meant to take so long, raise ProxyGate:Clusters:{Seen.Short(s.Request.Cluster ?? "<cluster>")}:Timeouts:FirstByte."));
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
        if (limit.Servers is not null) evidence.Add($"That is close to {Amounts.Time(limit.Ms)}, after which {limit.Servers} close unused connections by default");
        return Hint(
            "keepalive_race",
            a.IdleMs >= 1000 || limit.Servers is not null ? Confidence.Likely : Confidence.Possible,
            "The app closed the unused connection in the very moment ProxyGate used it again.",
            evidence,
            Shell.Step("Let the app keep unused connections longer than ProxyGate does (Node: server.keepAliveTimeout, uvicorn: --timeout-keep-alive, gunicorn: --keep-alive),"),
            Shell.Step("or let it say in its answers how long it keeps them (Keep-Alive: timeout=5): ProxyGate then stops using them in time."));
    }

    private static double? WorkerLimit(Seen s)
    {
        foreach (var limit in WorkerLimitsMs)
        {
            if (Math.Abs(s.AfterRequestMs - limit) <= Math.Max(250, limit * 0.02)) return limit;
        }

        return null;
    }

    private static bool Received(AttemptFacts a) => a.Tcp is not { } tcp || tcp.RequestBytesAcked >= tcp.RequestBytesOnWire;

    private static string Confirmed(Seen s, AttemptFacts a) => a.Tcp is { RequestBytesOnWire: > 0 and var sent }
        ? $"The other machine confirmed having received the whole request ({Amounts.Bytes(sent)}), and the connection was still open after {s.Limit}"
        : $"The connection was accepted and the whole request sent ({Amounts.Bytes(a.BytesSent)}), and it was still open after {s.Limit}";
}
