using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>The end of the app's process, and what ended it.</summary>
internal static class DeathFound
{
    public static IEnumerable<Hint> Of(Look look)
    {
        if (!Fits(look.Cause)) yield break;
        if (look.Death is { } death)
        {
            if (death.OomKilled) yield return Oom(look, death);
            else if (Deaths.IsKnown(death) && !Deaths.IsOrderly(death)) yield return Crashed(look, death);
            else if (!RunsAgain(look)) yield return Stopped(look, death);
            if (OnRequest(look, death) is { } onRequest) yield return onRequest;
        }
        else if (look.Gone && look.Seen.Failure.Stage is not Stage.Connect)
        {
            yield return Found(
                "crashed",
                Confidence.Likely,
                $"The app's process is gone: {Look.Who(look.Facts.ProcessBefore)} answered at {look.Where} before, and nothing listens there now.",
                [$"The kernel's list of listeners has nothing at {look.Where}; while all was well, {Look.Who(look.Facts.ProcessBefore)} was there"],
                [Listeners(look), .. Log(look)],
                Start(look));
        }

        if (look.Restarted) yield return Restarted(look);
    }

    /// <summary>Something listens there again, or the same program runs: then it is not so that the app does not run.</summary>
    private static bool RunsAgain(Look look) => look.Facts.Process is not null || look.Listener is { Listening: true } or { Starting: not null }
        || look.Candidates.Any(c => c.Likeness == ListenerLikeness.SameAsBefore);

    /// <summary>As sure as the end is in time: an end that was seen for an earlier failure need not be this one's.</summary>
    private static Confidence Sure(Look look) => look.DiedInTime ? Confidence.Proved : Confidence.Likely;

    /// <summary>The failures an ending process can make.</summary>
    public static bool Fits(string cause) => cause is CauseId.ConnectRefused or CauseId.ConnectReset or CauseId.SocketMissing
        or CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.StaleConnection or CauseId.RequestSendFailed
        or CauseId.UpstreamProcessExited or CauseId.UpstreamOomKilled or CauseId.UpstreamRestarting or CauseId.UpstreamStarting
        or CauseId.ResponseHeadIncomplete or CauseId.ResponseBodyTruncated or CauseId.ResponseBodyReset or CauseId.UpgradeBroken
        or CauseId.TlsHandshakeClosed or CauseId.Http2GoawayOrRefused or CauseId.Http2StreamReset;

    private static Hint Oom(Look look, DeathFacts death) => Found(
        "oom_killed",
        death.InGroup ? Confidence.Likely : Sure(look),
        death.InGroup
            ? $"Memory ran out in the app's control group{(death.MemoryLimit is { } most ? $" (limit {Amounts.Bytes(most)})" : "")}, and the system ended a process there{(death.ProcessName is { } victim ? $", {Seen.Short(victim)}" : "")}: a worker or a helper of the app."
            : $"Memory ran out{(death.MemoryLimit is { } limit ? $" (limit {Amounts.Bytes(limit)})" : "")}, and the system ended {look.Dead}.",
        [Source(look, death)],
        ["journalctl -k --no-pager --since '-1 h' | grep -iE 'out of memory|oom-kill'", .. Status(look)],
        [Step("Raise the memory limit (systemd: MemoryMax=, Docker: --memory, Kubernetes: resources.limits.memory), or find what in the app takes so much."), .. Start(look)]);

    private static Hint Crashed(Look look, DeathFacts death) => Found(
        "crashed",
        Sure(look),
        $"The app's process ended: {look.Dead} {Deaths.How(death)}.",
        [Source(look, death), .. death.LastLogLines.TakeLast(3).Select(l => $"Its log ends: {Seen.Short(l)}")],
        [.. LogFile(look), .. Log(look)],
        [Step("Its last log lines tell why; mend that."), .. Start(look)]);

    private static Hint Stopped(Look look, DeathFacts death) => Found(
        "app_down",
        Confidence.Proved,
        Deaths.IsKnown(death) ? $"The app was stopped: {look.Dead} {Deaths.How(death)}." : $"The app is not running: {look.Dead} ended; how is not known.",
        [Source(look, death), .. death.LastLogLines.TakeLast(3).Select(l => $"Its log ends: {Seen.Short(l)}")],
        [.. LogFile(look), .. Status(look)],
        [Step("If it was not meant to stop:"), .. Start(look)]);

    private static Hint Restarted(Look look)
    {
        var (before, now) = (look.Facts.ProcessBefore!, look.Facts.Process!);
        var started = now.StartedAt is { } at ? $", started {look.Ago(at)} before the look" : "";
        return Found(
            "restarted",
            look.RestartedInTime ? Confidence.Proved : Confidence.Likely,
            $"The app was restarted: at {look.Where} now is {Look.Who(now)}{started}; before it was {Look.Who(before)}.",
            [$"The listener at {look.Where} was process {before.Pid} while all was well and is process {now.Pid} now{started}"],
            [Process(now), .. Status(look)],
            [Step("A restart without failed requests needs a second instance that answers meanwhile, or an app that finishes its requests before it stops.")]);
    }

    /// <summary>A process that ends in the moment it has a request in hand may have ended because of it.</summary>
    private static Hint? OnRequest(Look look, DeathFacts death)
    {
        if (look.IsOfEarlier || !look.DiedInTime || death.OomKilled || Deaths.IsOrderly(death) || !Deaths.IsKnown(death) || death.Signal is 9) return null;
        if (look.Cause is not (CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.UpstreamProcessExited or CauseId.ResponseBodyTruncated)) return null;
        return Found(
            "app_crashed_on_request",
            Confidence.Possible,
            $"This very request may have made the app end: it was in its hands when the process {Deaths.How(death)}.",
            [$"{look.Seen.RequestLine} was sent and unanswered when {look.Dead} ended"],
            [.. Log(look)],
            [Step($"If it ends again with the next {look.Seen.RequestLine}, the fault is in the code for that path.")]);
    }

    private static string Source(Look look, DeathFacts death)
    {
        var when = death.At is { } at ? $", {look.Ago(at)} before the look" : "";
        var detail = death.Detail is { Length: > 0 } text ? $": {Seen.Short(text)}" : $": {look.Dead} {Deaths.How(death)}";
        return $"Read from {Seen.Short(death.Source)}{when}{detail}";
    }
}
