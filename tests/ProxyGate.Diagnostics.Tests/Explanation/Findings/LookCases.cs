using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Tests.Explanation.Findings;

/// <summary>One realistic look for every rule.</summary>
internal static class LookCases
{
    private static readonly DateTimeOffset At = LookCase.FailedAt.AddMilliseconds(200);

    private static readonly InvestigationFacts Here = new() { Destination = "app-1", Address = "127.0.0.1:5000", At = At, DurationMs = 240 };

    private static readonly InvestigationFacts There = Here with { Address = "10.0.0.5:8080" };

    private static readonly ProcessFacts Node = new() { Pid = 4711, Name = "node", CommandLine = "node server.js", StartedAt = At.AddHours(-3), State = 'S', Unit = "shop.service" };

    private static readonly ProcessFacts Stranger = new() { Pid = 5000, Name = "python3", CommandLine = "python3 -m http.server 5000", StartedAt = At.AddSeconds(-1), State = 'S' };

    private static readonly ProcessFacts Gunicorn = new() { Pid = 4711, Name = "gunicorn", CommandLine = "gunicorn shop:app", StartedAt = At.AddHours(-3), State = 'S' };

    private static readonly WorkerFacts OneWorker = new([4712], [Gunicorn with { Pid = 4790, StartedAt = LookCase.FailedAt.AddMilliseconds(40) }]);

    private static readonly ListenerFacts Nobody = new() { Listening = false };

    private static readonly ListenerFacts Somebody = new() { Listening = true, SamePort = [new ListenerSeen("0.0.0.0:8080", Node)] };

    private static readonly PathFacts Up = new() { Route = "via 10.0.0.1 dev eth0", Pinged = true, HostAlive = true };

    private static readonly ServiceFacts Connected = new() { Connected = true, ConnectMs = 0.3 };

    public static IReadOnlyDictionary<string, LookCase> All { get; } = new Dictionary<string, LookCase>
    {
        ["wrong_port.same_program"] = Local(Nobody with { Others = [new ListenerSeen("127.0.0.1:5001", Node with { Pid = 4800 }) { Likeness = ListenerLikeness.SameAsBefore }] }, "wrong_port", Confidence.Likely, before: Node),
        ["wrong_port.neighbour"] = Local(Nobody with { Others = [new ListenerSeen("127.0.0.1:5001", Node) { Likeness = ListenerLikeness.NeighbouringPort }] }, "wrong_port", Confidence.Likely),
        ["localhost_ipv6"] = Local(Nobody with { SamePort = [new ListenerSeen("[::1]:5000", Node)] }, "localhost_ipv6", Confidence.Proved),
        ["app_bound_to_loopback"] = new(CauseId.ConnectRefused + ".remote", There with { Listener = Nobody with { SamePort = [new ListenerSeen("127.0.0.1:8080", Node)] } }, "app_bound_to_loopback", Confidence.Proved),
        ["app_bound_elsewhere"] = Local(Nobody with { SamePort = [new ListenerSeen("10.0.0.7:5000", Node)] }, "app_bound_elsewhere", Confidence.Proved),
        ["app_down.was_there"] = Local(Nobody, "app_down", Confidence.Proved, before: Node),
        ["app_down.never_seen"] = Local(Nobody, "app_down", Confidence.Likely),
        ["app_starting.again"] = Local(Nobody with { Starting = Node with { Pid = 5000, StartedAt = At.AddSeconds(-2) } }, "app_starting", Confidence.Proved, before: Node, cause: CauseId.UpstreamStarting),
        ["app_starting.just_now"] = new(CauseId.ConnectRefused, Here with { Listener = Somebody, Process = Node with { StartedAt = At.AddSeconds(-4) } }, "app_starting", Confidence.Likely, CauseId.UpstreamStarting),
        ["restarted"] = new(CauseId.ConnectRefused, Here with { Listener = Somebody, ProcessBefore = Node, Process = Node with { Pid = 5000, StartedAt = At.AddSeconds(-1) } }, "restarted", Confidence.Proved, CauseId.UpstreamRestarting),
        ["restarted.not_a_race"] = new(CauseId.StaleConnection, There with { Listener = Somebody, ProcessBefore = Node, Process = Node with { Pid = 5000, StartedAt = At.AddSeconds(-1) } }, "restarted", Confidence.Proved, CauseId.UpstreamRestarting),
        ["port_taken"] = new(CauseId.ResponseNotHttp, Here with { Listener = Somebody, ProcessBefore = Node, Process = Stranger }, "port_taken", Confidence.Proved),
        ["port_taken.same_kind"] = new(CauseId.ConnectRefused, Here with { Listener = Somebody, ProcessBefore = Node with { Unit = null }, Process = Node with { Pid = 5000, Unit = null, CommandLine = "node other.js", StartedAt = At.AddSeconds(-1) } }, "port_taken", Confidence.Likely),
        ["localhost_in_container"] = new(CauseId.ConnectRefused, Here with { Listener = Nobody, GatewayContainer = "docker" }, "localhost_in_container", Confidence.Likely),
        ["firewall_reject.listening"] = new(CauseId.ConnectRefused, Here with { Listener = Somebody, Process = Node, Service = Connected with { Connected = false, ConnectErrno = 111 } }, "firewall_reject", Confidence.Likely),

        ["oom_killed"] = Dead(CauseId.UpstreamClosedWithoutResponse, new DeathFacts { Source = "kernel log", OomKilled = true, MemoryLimit = 268435456, Detail = "Memory cgroup out of memory: Killed process 4711 (node)" }, "oom_killed", CauseId.UpstreamOomKilled),
        ["oom_killed.refused_after"] = Dead(CauseId.ConnectRefused + ".remote", new DeathFacts { Source = "memory.events", OomKilled = true, At = At.AddSeconds(-20) }, "oom_killed", CauseId.UpstreamOomKilled),
        ["crashed.segfault"] = Dead(CauseId.UpstreamResetWithoutResponse, new DeathFacts { Source = "kernel log", Signal = 11, Detail = "node[4711]: segfault at 0" }, "crashed", CauseId.UpstreamProcessExited),
        ["crashed.exit_code"] = Dead(CauseId.UpstreamClosedWithoutResponse, new DeathFacts { Source = "systemd unit shop.service", ExitCode = 1, Restarts = 3, LastLogLines = ["TypeError: Cannot read properties of undefined"] }, "crashed", CauseId.UpstreamProcessExited),
        ["crashed.sigkill"] = Dead(CauseId.UpstreamClosedWithoutResponse, new DeathFacts { Source = "docker container shop", ExitCode = 137 }, "crashed", CauseId.UpstreamProcessExited),
        ["app_down.stopped"] = Dead(CauseId.ConnectRefused + ".remote", new DeathFacts { Source = "systemd unit shop.service", Signal = 15, At = At.AddSeconds(-5) }, "app_down", CauseId.UpstreamProcessExited),
        ["worker_timeout_kill"] = Dead(CauseId.UpstreamClosedWithoutResponse + ".worker_limit", new DeathFacts { Source = "journal of shop.service", Signal = 6, LastLogLines = ["[CRITICAL] WORKER TIMEOUT (pid:4711)"] }, "worker_timeout_kill", CauseId.UpstreamProcessExited),
        ["worker_timeout_kill.log"] = new(CauseId.UpstreamClosedWithoutResponse + ".worker_limit", There with { Listener = Somebody, Process = Gunicorn, ProcessBefore = Gunicorn, Workers = OneWorker, Log = new AppLogFacts("/var/log/shop.log", ["[CRITICAL] WORKER TIMEOUT (pid:4712)", "[INFO] Booting worker with pid: 4790"]) }, "worker_timeout_kill", Confidence.Proved),
        ["app_crashed_on_request.worker"] = new(CauseId.UpstreamClosedWithoutResponse, There with { Listener = Somebody, Process = Gunicorn, ProcessBefore = Gunicorn, Workers = OneWorker }, "app_crashed_on_request", Confidence.Likely),
        ["oom_killed.in_group"] = new(CauseId.UpstreamClosedWithoutResponse, There with { Listener = Somebody, Process = Gunicorn, ProcessBefore = Gunicorn, Death = new DeathFacts { Source = "memory.events", OomKilled = true, InGroup = true, MemoryLimit = 268435456, Detail = "oom_kill grew by 1 in /system.slice/shop.service" } }, "oom_killed", Confidence.Likely),

        ["scheme_http_to_https"] = new(CauseId.UpstreamClosedWithoutResponse, There with { Service = Connected with { SpeaksTls = true, ClosedOnHttp = true, SpeaksHttp1 = false } }, "scheme_http_to_https", Confidence.Proved, CauseId.PlainHttpToTlsPort),
        ["scheme_https_to_http"] = new(CauseId.TlsHandshakeClosed, There with { Address = "10.0.0.5:8443", Service = Connected with { SpeaksTls = false, SpeaksHttp1 = true, HttpStatus = 200 } }, "scheme_https_to_http", Confidence.Proved, CauseId.TlsToPlainHttpPort),
        ["wrong_port.ssh"] = new(CauseId.ResponseNotHttp, There with { Service = Connected with { Name = "OpenSSH", Banner = "SSH-2.0-OpenSSH_9.2p1\r\n"u8.ToArray() } }, "wrong_port", Confidence.Proved),
        ["app_protocol_mismatch"] = new(CauseId.UpstreamClosedWithoutResponse, There with { Service = Connected with { Name = "FastCGI" } }, "app_protocol_mismatch", Confidence.Proved),
        ["h2c_or_grpc"] = new(CauseId.UpstreamClosedWithoutResponse, There with { Service = Connected with { SpeaksH2c = true, SpeaksHttp1 = false } }, "h2c_or_grpc", Confidence.Proved),

        ["app_hung.stopped"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody, Process = Node with { State = 'T' } }, "app_hung", Confidence.Proved),
        ["app_hung.unread"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody with { Accepted = true, UnreadRequestBytes = 412 }, Process = Node }, "app_hung", Confidence.Likely),
        ["worker_pool_full"] = new(CauseId.ConnectTimeout, There with { Listener = Somebody with { AcceptQueue = 2, AcceptQueueLimit = 1 }, Process = Node }, "worker_pool_full", Confidence.Proved, CauseId.ListenBacklogFull),
        ["worker_pool_full.not_accepted"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody with { Accepted = false, UnreadRequestBytes = 412 }, Process = Node }, "worker_pool_full", Confidence.Likely),
        ["slow_request.at_work"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody with { Accepted = true, UnreadRequestBytes = 0 }, Process = Node }, "slow_request", Confidence.Likely),
        ["slow_request.health_quick"] = new(CauseId.ResponseTimeout, There with { Health = new HealthFacts("/health", 200, null, 3) }, "slow_request", Confidence.Likely),

        ["app_hung.answers_nobody"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody, Process = Node, Service = Connected with { Silent = true } }, "app_hung", Confidence.Likely),
        ["slow_request.answers_others"] = new(CauseId.ResponseTimeout, There with { Listener = Somebody, Process = Node, Service = Connected with { SpeaksHttp1 = true, HttpStatus = 400 } }, "slow_request", Confidence.Likely),

        ["firewall_drop"] = new(CauseId.ConnectTimeout, There with { Path = Up }, "firewall_drop", Confidence.Likely),
        ["firewall_reject.port"] = new(CauseId.ConnectRefused + ".remote", There with { Path = Up with { Icmp = new IcmpSeen(3, 3, "port-unreachable", "10.0.0.5", IcmpSender.Host) } }, "firewall_reject", Confidence.Proved),
        ["firewall_reject.router"] = new(CauseId.HostUnreachable + ".firewall", There with { Path = Up with { Icmp = new IcmpSeen(3, 13, "admin-prohibited", "10.0.0.1", IcmpSender.Router) } }, "firewall_reject", Confidence.Proved),
        ["firewall_reject.host_says_unreachable"] = new(CauseId.HostUnreachable + ".firewall", There with { Path = Up with { Icmp = new IcmpSeen(3, 1, "host-unreachable", "10.0.0.5", IcmpSender.Host) } }, "firewall_reject", Confidence.Proved),
        ["firewall_reject.router_contradicted"] = new(CauseId.HostUnreachable + ".firewall", There with { Path = Up with { Icmp = new IcmpSeen(3, 1, "host-unreachable", "10.0.0.1", IcmpSender.Router) } }, "firewall_reject", Confidence.Likely),
        ["firewall_reject.nearer_than_the_host"] = new(CauseId.ConnectRefused + ".remote", There with { Path = Up with { RefusedAtHops = 1, HostAtHops = 2 } }, "firewall_reject", Confidence.Likely),
        ["egress_rule.unreachable"] = new(CauseId.HostUnreachable + ".firewall", There with { Path = new PathFacts { Route = "on-link dev eth0", Neighbour = "REACHABLE", Icmp = new IcmpSeen(3, 1, "host-unreachable", "10.0.0.2", IcmpSender.Own) } }, "egress_rule", Confidence.Proved),
        ["no_route.router_off"] = new(CauseId.HostUnreachable, There with { Path = new PathFacts { HostAlive = false, NextHop = "10.0.0.1", NextHopNeighbour = "FAILED", Icmp = new IcmpSeen(3, 1, "host-unreachable", "10.0.0.2", IcmpSender.Own) } }, "no_route", Confidence.Proved),
        ["egress_rule"] = new(CauseId.HostUnreachable + ".firewall", There with { Path = Up with { Icmp = new IcmpSeen(3, 13, "admin-prohibited", "10.0.0.2", IcmpSender.Own) } }, "egress_rule", Confidence.Proved),
        ["app_down.remote_unsure"] = new(CauseId.ConnectRefused + ".remote", There with { Path = Up }, "app_down", Confidence.Possible),
        ["host_down.neighbour"] = new(CauseId.HostUnreachable, There with { Path = new PathFacts { Route = "dev eth0", Neighbour = "FAILED", HostAlive = false } }, "host_down", Confidence.Proved),
        ["host_down.router_says"] = new(CauseId.ConnectTimeout, There with { Path = new PathFacts { Icmp = new IcmpSeen(3, 1, "host-unreachable", "10.0.0.1", IcmpSender.Router) } }, "host_down", Confidence.Likely),
        ["host_down.silence"] = new(CauseId.ConnectTimeout, There with { Path = new PathFacts { Pinged = false, LastHop = "10.0.0.1" } }, "host_down", Confidence.Possible),
        ["no_route"] = new(CauseId.NetworkUnreachable, There with { Path = new PathFacts { NoRoute = true } }, "no_route", Confidence.Proved),
        ["no_route.router"] = new(CauseId.ConnectTimeout, There with { Path = new PathFacts { NextHop = "10.0.0.1", NextHopNeighbour = "FAILED" } }, "no_route", Confidence.Likely),
        ["packets_lost"] = new(CauseId.ResponseTimeout + ".not_received", There with { Path = Up }, "packets_lost", Confidence.Likely),

        ["stale_dns"] = new(CauseId.ConnectRefused + ".remote", There with { Names = [Says("192.0.2.53", NameOutcome.Answered, "10.0.0.9")] }, "stale_dns", Confidence.Likely),
        ["stale_dns.changed"] = new(CauseId.ConnectTimeout, There with { Names = [Says("192.0.2.53", NameOutcome.Answered, "10.0.0.9")], Changes = [new ChangeFacts(At.AddSeconds(-9), ChangeKind.DnsAnswerChanged, "10.0.0.5", "10.0.0.9")] }, "stale_dns", Confidence.Proved),
        ["not_same_network"] = new(CauseId.DnsNotFound, There with { Names = [Says("127.0.0.11", NameOutcome.NxDomain)] }, "not_same_network", Confidence.Likely),
        ["name_without_address"] = new(CauseId.DnsNotFound, There with { Names = [Says("192.0.2.53", NameOutcome.NoData), Says("192.0.2.53", NameOutcome.NoData) with { Type = "AAAA" }] }, "name_without_address", Confidence.Proved),
        ["dns_server_failing.silent"] = new(CauseId.DnsTimeout, There with { Names = [Says("192.0.2.53", NameOutcome.TimedOut)] }, "dns_server_failing", Confidence.Proved),
        ["dns_server_failing.servfail"] = new(CauseId.DnsFailed, There with { Names = [Says("192.0.2.53", NameOutcome.ServFail)] }, "dns_server_failing", Confidence.Likely),
        ["dns_server_failing.refused"] = new(CauseId.DnsFailed, There with { Names = [Says("192.0.2.53", NameOutcome.Refused)] }, "dns_server_failing", Confidence.Proved),

        ["ephemeral_ports"] = new(CauseId.GatewayPortsExhausted, There with { Limits = new LocalLimitFacts { PortsInUse = 28230, PortRange = 28232 } }, "ephemeral_ports", Confidence.Proved),
        ["fd_limit"] = new(CauseId.GatewayFdsExhausted, There with { Limits = new LocalLimitFacts { OpenFiles = 1024, OpenFileLimit = 1024 } }, "fd_limit", Confidence.Proved),
        ["conntrack_full"] = new(CauseId.ConnectTimeout, There with { Limits = new LocalLimitFacts { ConntrackCount = 65536, ConntrackLimit = 65536 } }, "conntrack_full", Confidence.Likely),
    };

    private static LookCase Local(ListenerFacts listener, string hint, Confidence confidence, ProcessFacts? before = null, string? cause = null) =>
        new(CauseId.ConnectRefused, Here with { Listener = listener, ProcessBefore = before }, hint, confidence, cause);

    private static LookCase Dead(string failure, DeathFacts death, string hint, string cause) => new(
        failure,
        There with { Listener = Nobody, ProcessBefore = Node, Death = death with { At = death.At ?? LookCase.FailedAt.AddMilliseconds(-30), Pid = 4711, ProcessName = "node" } },
        hint,
        Confidence.Proved,
        cause);

    private static NameAnswerFacts Says(string server, NameOutcome outcome, params string[] addresses) => new(server, "A", outcome, addresses, 4);
}
