using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>What the look at the app's machine showed.</summary>
internal static class UpstreamProcessGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.UpstreamProcessExited] = new(
            "The app's process ended while it had the request, or just before. ProxyGate saw the end of that very process.",
            new("app_crashed_on_request", "The same request, or the same path, ends the process again; the app's log has an exception or the kernel's log a \"segfault\"."),
            new("crashed", "It ends at random, whatever the request: the exit code or signal and the last lines of its log tell more."),
            new("worker_timeout_kill", "The app's server stopped a worker that took too long, after the same round time each time."),
            new("restarted", "Someone or a deploy stopped it: exit code 0 or 143 (SIGTERM), and an entry in the service manager's log.")),
        [CauseId.UpstreamOomKilled] = new(
            "The system stopped the app's process because memory ran out (out of memory, OOM). ProxyGate saw the record of it.",
            new("oom_killed", "The record says which limit it was: the app's own (its container or unit), or the whole machine's, where another program may have used most of it."),
            new("app_crashed_on_request", "Memory jumps with one kind of request, such as a large upload or report.")),
        [CauseId.UpstreamRestarting] = new(
            "The app is being restarted or replaced just now, and refuses or cuts connections meanwhile.",
            new("deploy_without_drain", "A deploy or restart by hand is under way: the old process was stopped before a new one could answer."),
            new("crashed", "Nobody restarts it: the service manager does, again and again, because it ends by itself (restart counter, CrashLoopBackOff)."),
            new("oom_killed", "The restarts follow the kernel's or container's out-of-memory records.")),
        [CauseId.UpstreamStarting] = new(
            "The app's process was started moments ago and does not take connections yet.",
            new("app_starting", "It takes connections some seconds later: loading, migrations or warming up take their time."),
            new("crashed", "It never takes connections, and its start time is always young: it ends while starting and is started again."),
            new("dependency_down", "It waits while starting: its log speaks of a database or another service."),
            new("wrong_port", "It is up by its own log (\"listening on …\"), on another port or address than the configured one.")),
    };
}
