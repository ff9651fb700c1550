using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>Why an app that is there does not answer: stopped, stuck, out of workers, or at work.</summary>
internal static class WaitFound
{
    /// <summary>A health check that comes back within this shows that the app as such is quick.</summary>
    private const double QuickMs = 500;

    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Cause is not (CauseId.ResponseTimeout or CauseId.ConnectTimeout or CauseId.ListenBacklogFull or CauseId.TlsHandshakeTimeout
            or CauseId.RequestSendTimeout or CauseId.ResponseBodyStalled)) yield break;
        if (look.Facts.Process is { State: 'T' or 't' } stopped)
        {
            yield return Stopped(look, stopped);
            yield break;
        }

        var full = IsFull(look.Listener);
        if (full || look.Listener is { Accepted: false }) yield return NotAccepted(look, look.Listener!, full);
        else if (look.Listener is { Accepted: true, UnreadRequestBytes: > 0 and var unread } && look.Cause is CauseId.ResponseTimeout or CauseId.RequestSendTimeout) yield return Unread(look, look.Listener!.UnreadRequestBytes!.Value);
        else if (look.Listener is { Accepted: true, UnreadRequestBytes: 0 } && look.Cause == CauseId.ResponseTimeout) yield return AtWork(look);
        else if (look.Cause == CauseId.ResponseTimeout && look.Facts.Health is { Status: >= 200 and < 300, DurationMs: < QuickMs } health) yield return OnlyThisOne(look, health);
        else if (look is { Cause: CauseId.ResponseTimeout, Service: { SpeaksHttp1: true } service }) yield return AnswersOthers(look, service);
        // Of an app that is stuck, its machine still confirms every byte; where it does not, the way is cut, for our questions as well.
        else if (look is { Cause: CauseId.ResponseTimeout, Service: { Connected: true, Silent: true } } && !PathFound.CutAfterConnect(look)) yield return AnswersNobody(look);
    }

    /// <summary>Not this request alone: a new connection, spoken to in every way, gets no word either.</summary>
    private static Hint AnswersNobody(Look look) => Found(
        "app_hung",
        Confidence.Likely,
        $"The app answers nobody: {Look.Who(look.Facts.Process)} is there, but it is stuck, or all its workers are busy.",
        [$"A new connection to {look.Where} was accepted right after {Lower(look.Request)} got no answer within {look.Seen.Limit}, and {Look.Who(look.Facts.Process)} said nothing to anything it was asked"],
        [.. look.Facts.Process is { } p ? [Process(p)] : Array.Empty<string>(), $"ss -ltn 'sport = :{look.PortText}'", .. Log(look)],
        [Step("What does it wait for (a lock, a database, a full thread pool)? Restarting it helps for the moment."), .. Start(look)]);

    /// <summary>It answers at once when asked something else: it is not the app as a whole that is stuck.</summary>
    private static Hint AnswersOthers(Look look, ServiceFacts service) => Found(
        "slow_request",
        Confidence.Likely,
        $"It is this request that takes long, not the whole app: asked something else right after, {look.Where} answered.",
        [Amounts.Invariant($"A new connection to {look.Where} got an HTTP answer{(service.HttpStatus is { } status ? Amounts.Invariant($" (status {status})") : "")} right after {Lower(look.Request)} got none within {look.Seen.Limit}")],
        [Words.Checks.SlowCurl(look.Seen)],
        Longer(look));

    private static string Lower(string words) => char.ToLowerInvariant(words[0]) + words[1..];

    /// <summary>The kernel lets one connection more wait than the limit says, and turns the next away.</summary>
    public static bool IsFull(ListenerFacts? listener) => listener is { AcceptQueue: { } waiting, AcceptQueueLimit: { } limit } && waiting > limit;

    private static Hint Stopped(Look look, ProcessFacts process) => Found(
        "app_hung",
        Confidence.Proved,
        $"The app's process is stopped: {Look.Who(process)} is there but does not run (paused by a signal or a debugger).",
        [$"The kernel shows {Look.Who(process)}, which listens at {look.Where}, in state {process.State} (stopped)"],
        [Process(process)],
        [Step("This lets it run on (it changes the process's state):"), Amounts.Invariant($"kill -CONT {process.Pid}")]);

    private static Hint NotAccepted(Look look, ListenerFacts listener, bool full)
    {
        var queue = listener is { AcceptQueue: { } waiting, AcceptQueueLimit: { } limit }
            ? Amounts.Invariant($"{waiting} {(waiting == 1 ? "connection waits" : "connections wait")} at {look.Where} to be taken by the app; its waiting line is made for {limit}{(full ? " and is FULL" : "")}")
            : $"The connection to {look.Where} lies in the waiting line; no process has taken it";
        return Found(
            "worker_pool_full",
            full ? Confidence.Proved : Confidence.Likely,
            $"The app does not take new connections: {Look.Who(look.Facts.Process)} is running, but all its workers are busy or stuck{(full ? ", and its waiting line is full" : "")}.",
            [queue, .. listener is { Accepted: false, UnreadRequestBytes: > 0 and var unread } ? [Amounts.Invariant($"{look.Request} lies there unread ({unread} bytes), taken by no process")] : Array.Empty<string>()],
            [$"ss -ltn 'sport = :{look.PortText}'", .. look.Facts.Process is { } p ? [Process(p)] : Array.Empty<string>()],
            [Step("What are its workers busy with? A database or another service they wait for is the usual reason. Then: more workers, or faster requests; if it is stuck, restart it."), .. Start(look)]);
    }

    private static Hint Unread(Look look, long unread) => Found(
        "app_hung",
        Confidence.Likely,
        $"The app is stuck: {Look.Who(look.Facts.Process)} took the connection but has not read the request.",
        [Amounts.Invariant($"{look.Request} lies unread ({unread} bytes) in the connection of {Look.Who(look.Facts.Process)}")],
        [.. look.Facts.Process is { } p ? [Process(p)] : Array.Empty<string>(), $"ss -tnp 'sport = :{look.PortText}'", .. Log(look)],
        [Step("What does it wait for (a lock, a database, a full thread pool)? Restarting it helps for the moment."), .. Start(look)]);

    private static Hint AtWork(Look look) => Found(
        "slow_request",
        Confidence.Likely,
        $"The app has read the whole request and is still at work on it: {Look.Who(look.Facts.Process)} took longer than {look.Seen.Limit}.",
        [$"{look.Request} is read to its last byte by {Look.Who(look.Facts.Process)}, and the connection was still open"],
        [Words.Checks.SlowCurl(look.Seen)],
        Longer(look));

    private static Hint OnlyThisOne(Look look, HealthFacts health) => Found(
        "slow_request",
        Confidence.Likely,
        $"It is this request that is slow, not the whole app: its health check answers in {Amounts.Time(health.DurationMs)}.",
        [Amounts.Invariant($"{Seen.Short(health.Path)} answered with status {health.Status} after {Amounts.Time(health.DurationMs)}, right after {Lower(look.Request)} got no answer within {look.Seen.Limit}")],
        [Words.Checks.SlowCurl(look.Seen)],
        Longer(look));

    private static IEnumerable<string> Longer(Look look) =>
        [Step($"If it is meant to take so long, raise ProxyGate:Clusters:{look.Seen.Cluster}:Timeouts:FirstByte (now {look.Seen.Limit}), for instance to \"120s\". If not, the code or the database query behind {look.Seen.RequestLine} is the place to look.")];
}
