using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in the app's process: it does not run, starts, ends, or is stopped.</summary>
internal static class ProcessMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "app_down",
            "The app is not running",
            "No process of the app is there to accept connections: it was stopped, or it ended and was not started again.",
            "Proved by the state of its service or container (failed, exited). A process of the app that listens elsewhere speaks against it."),
        Guide(
            "app_starting",
            "The app is still starting",
            "The app has been started but does not accept connections yet. Many apps need seconds, some need minutes.",
            "Proved by a process younger than its usual start. A process that has run for hours speaks against it."),
        Guide(
            "restarted",
            "The app was restarted",
            "The app stopped and started again at the moment of this request, which fell into the gap.",
            "Proved by another process id, or a start time, at the moment of the failure. A process that has run throughout speaks against it."),
        Guide(
            "port_taken",
            "Another program holds the app's port",
            "The app is gone from its port, and another program was started there: requests meet a stranger.",
            "Proved by the name of the process that listens now, beside the one that listened while all was well. The same program under another process id is a restart."),
        Guide(
            "deploy_without_drain",
            "The app was stopped while it still got requests",
            "A new version was rolled out, and the old one was stopped before ProxyGate stopped sending to it.",
            "Failures of a few seconds, all at once, around a stop or a roll-out, while other destinations answer. Failures for minutes speak against it."),
        Guide(
            "crashed",
            "The app's process ended by itself",
            "The process ended at the moment of the failure, by an error it did not handle or by a signal.",
            "Proved by an exit code or a signal in the log of its service, container or kernel at that moment. The same process still running speaks against it."),
        Guide(
            "app_crashed_on_request",
            "This request makes the app end",
            "The app ends, or gives the connection up, when it handles a request of this kind. Others are answered.",
            "A fresh connection closed without a byte, each time on the same path, with the process ending at that moment. Failures on all paths speak against it."),
        Guide(
            "oom_killed",
            "The system ended the app because memory ran out",
            "The app used more memory than it, its container or the machine may have, and the kernel killed it (OOM kill).",
            "Proved by the kernel's log, by oom_kill in memory.events, by exit code 137 or by OOMKilled. Without one of them nothing speaks for it."),
        Guide(
            "worker_timeout_kill",
            "The app's server ended a worker that took too long",
            "Many app servers have a time limit of their own and end the worker that passes it, together with its connection.",
            "The connection ends after a round time, such as 30 s, and the log says so, for instance WORKER TIMEOUT. Ends after differing times speak against it."),
        Guide(
            "app_hung",
            "The app runs but does nothing any more",
            "The process is there, but stands still: stopped, deadlocked, or waiting for something that does not come.",
            "Requests lie unread in its queue, on all paths, also without load; its state is T or D. Answers on other paths speak against it."),
        Guide(
            "app_bug",
            "The app has a fault in its code",
            "The app handles this request and goes wrong while it does.",
            "Its log has an exception at the same moment, and the same request by hand, from its own machine, fails too. An answer by hand speaks against it."),
        Guide(
            "dependency_down",
            "Something the app needs does not answer",
            "The app waits for a database, a cache or another service, or fails because it cannot reach it.",
            "The app's log names it, and many paths fail at once. Paths that need it and answer speak against it."),
    ];
}
