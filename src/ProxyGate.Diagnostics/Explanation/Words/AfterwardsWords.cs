using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>Causes that need word from the app's host: an exit, a kill, a restart seen at the time of the failure.</summary>
internal static class AfterwardsWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.UpstreamProcessExited] = new(
            s => s.FoundNobody ? $"The app's process behind {s.Where} had ended shortly before this request, which found nobody there."
                : $"The app's process behind {s.Where} ended at the time of this request, which got no answer.",
            s => s.FoundNobody ? "What made it end: this request never reached it." : "That this request made it end: it may have been one of many at that moment.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UpstreamOomKilled] = new(
            s => $"The system ended the app's process behind {s.Where} because memory ran out; this request {(s.FoundNobody ? "found nobody there" : "got no answer")}.",
            "That the app wastes memory: the limit may be too low for its work.",
            _ => ["journalctl -k --since '-1 h' | grep -iE 'out of memory|oom-kill'"]),
        [CauseId.UpstreamRestarting] = new(
            s => $"The app behind {s.Where} was being restarted at the time of this request.",
            "A fault: a restart without a gap needs a second instance, or an app that finishes its requests before it stops.",
            s => [.. Checks.App(s)]),
        [CauseId.UpstreamStarting] = new(
            s => $"The app behind {s.Where} has been started but does not accept connections yet.",
            "That it will: if this lasts longer than its usual start, look into its log.",
            s => [.. Checks.AppLog(s)]),
    };
}
