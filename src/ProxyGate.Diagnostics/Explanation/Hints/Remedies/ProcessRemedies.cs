using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The app's process: it does not run, starts, ends, or is stopped.</summary>
internal static class ProcessRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["app_down"] = new(s => [.. Checks.App(s), .. Checks.AppLog(s, "Why did it stop? See the end of its log.")], Start),
        ["app_starting"] = new(
            s => [.. Checks.App(s), .. Checks.AppLog(s, "What does it wait for? See the end of its log."), Step("Does it accept connections by now?"), Checks.Connect(s)],
            s =>
            [
                Step("Wait until it accepts connections; if its usual start takes longer than this, look into its log."),
                Step("To avoid the gap: start the new instance first, and stop the old one when the new one answers its health check."),
            ]),
        ["restarted"] = new(
            s => [.. Checks.App(s), .. Checks.AppLog(s, "Who or what restarted it?")],
            s =>
            [
                Step("If the restart was meant, nothing is broken. To avoid the gap, give the cluster a second destination, or let the app finish its requests before it stops."),
            ]),
        ["port_taken"] = new(
            s => [.. Checks.App(s)],
            s => [Step("Let one of the two programs use another port, and start the app again.")]),
        ["deploy_without_drain"] = new(
            s => [.. Checks.App(s), "proxygate events --since 10m"],
            s =>
            [
                Step("Let the app fail its health check first, wait until ProxyGate has noticed, and only then stop it."),
                Step("In Kubernetes, a preStop hook with a sleep of some seconds does it; in Docker Compose, stop_grace_period gives it the time to finish."),
            ]),
        ["crashed"] = new(
            s =>
            [
                .. Checks.App(s),
                .. Checks.AppLog(s, "How did it end? Look for an exception, an exit code or a signal."),
                Step("Did the kernel end it (segmentation fault, killed)?"),
                "journalctl -k --since '-1 h' --no-pager | grep -iE 'segfault|killed process|oom'",
            ],
            s => [Step("Mend what its log names. Until then, let it be started again by itself (systemd: Restart=on-failure, Docker: --restart unless-stopped)."), .. Start(s)]),
        ["app_crashed_on_request"] = new(
            s => [.. Checks.AppLog(s), Checks.ByHand(s, "Does this request alone bring it about?"), Checks.Curl(s)],
            s => [Step($"Mend the app for requests such as {s.RequestLine}: its log names the place. Going back to the version before also helps when it is new.")]),
        ["oom_killed"] = new(
            s =>
            [
                Step("What does the kernel say?"),
                "journalctl -k --since '-1 h' --no-pager | grep -iE 'out of memory|oom-kill|killed process'",
                "free -m",
                .. s.App.Variants(
                    "How much may it use, and did it reach that?",
                    [$"systemctl show {s.App.UnitName} -p Result -p MemoryMax -p MemoryPeak"],
                    [$"docker inspect --format '{{{{.State.OOMKilled}}}} exit {{{{.State.ExitCode}}}} limit {{{{.HostConfig.Memory}}}}' {s.App.ContainerName}"],
                    [$"{s.App.Kubectl} get pods -o jsonpath='{{range .items[*]}}{{.metadata.name}} {{.status.containerStatuses[*].lastState.terminated.reason}}{{\"\\n\"}}{{end}}'"]),
            ],
            s => [Step("Raise the app's memory limit (systemd: MemoryMax=, Docker: --memory, Kubernetes: resources.limits.memory), or find what grows in it."), .. Start(s)]),
        ["worker_timeout_kill"] = new(
            s => [.. Checks.AppLog(s, "Does its log speak of a timeout, for instance \"WORKER TIMEOUT\"?"), Checks.ByHand(s, "How long does it take by hand, and does it end there too?"), Checks.SlowCurl(s)],
            s =>
            [
                Step("Make the request faster, or raise the time limit of the app's server (gunicorn: --timeout, php-fpm: request_terminate_timeout, Puma: worker_timeout)."),
                Step($"Then ProxyGate must wait longer, too: {Setting(s, "Timeouts:FirstByte")}."),
            ]),
        ["app_hung"] = new(
            s =>
            [
                .. Checks.Listener(s),
                Step("A Recv-Q above 0 there means requests wait and nobody takes them. Is a process stopped (T), stuck (D) or busy?"),
                "ps -eo pid,stat,pcpu,etime,args --sort=-pcpu | head -n 15",
                .. Checks.AppLog(s, "What did it do last?"),
            ],
            Restart),
        ["app_bug"] = new(
            s => [.. Checks.AppLog(s), Checks.ByHand(s, "Does the app answer so by hand, too?"), Checks.Curl(s, options: "-si --max-time 10") + " | head -n 30 | cat -v"],
            s => [Step($"Mend the app for {s.RequestLine}; its log names the place. Going back to the version before also helps when it is new.")]),
        ["dependency_down"] = new(
            s =>
            [
                .. Checks.AppLog(s, "Does its log name a database, a cache or another service?"),
                Step("On the app's machine: connections that wait for an answer, or cannot be made (SYN-SENT):"),
                "ss -tnp state established state syn-sent",
            ],
            s => [Step("Bring back what its log names. Then the app usually recovers by itself. If it does not:"), .. Restart(s)]),
    };
}
