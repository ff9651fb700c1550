using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>A failure about which everything is known that can be: the most a page has to carry.</summary>
internal static class FullFailure
{
    private static readonly DateTimeOffset Now = PageHarness.Now;

    public static readonly FailureContext Context = new()
    {
        Now = Now,
        RouteSource = "proxygate.json:14",
        RouteMatch = "shop.example/{**rest}",
        DestinationSource = "proxygate.json:31",
        FirstSeen = Now.AddMinutes(-2),
        Count = 1204,
        LastSuccess = Now.AddMinutes(-2).AddSeconds(-1),
        GatewayStarted = Now.AddDays(-3),
        Neighbours = [new NeighbourState("app-2", Now.AddSeconds(-1), null), new NeighbourState("app-3", null, "connect_timeout")],
        OtherFailingRoutes = ["api"],
        Paths = ["/basket", "/", "/login"],
        Saved = 37,
    };

    public static readonly InvestigationFacts Look = new()
    {
        Destination = "app-1",
        Address = "127.0.0.1:5000",
        At = Now.AddSeconds(-12),
        DurationMs = 38.4,
        NotSeen =
        [
            new BlindSpot("who owns the listener on port 5001", "reading other users' processes needs root or CAP_SYS_PTRACE"),
            new BlindSpot("whether the kernel ended a process for lack of memory", "the kernel log is readable by root only"),
        ],
    };

    public static FailureEvent Of(string sample)
    {
        var plain = PageHarness.Event(sample);
        var d = Explainer.Explain(ExampleFailures.All[sample], plain.Diagnosis.Failure, Context, Look);
        return plain with
        {
            Diagnosis = d with
            {
                ContextLines = d.ContextLines.Count > 0 ? d.ContextLines :
                [
                    "This has failed 1,204 times since 02:58:00 UTC, for 2 min.",
                    "app-1 last answered well at 02:57:59 UTC, a second before the first failure.",
                    "app-2 of the same cluster answers well; app-3 fails with connect_timeout.",
                    "37 of these requests were saved by another attempt.",
                    "The route api fails too.",
                ],
                Findings = d.Findings.Count > 0 ? d.Findings :
                [
                    "Nothing listens on 127.0.0.1:5000.",
                    "node (process 4711, /srv/shop/server.js) listens on 127.0.0.1:5001 since 02:57:58 UTC.",
                    "Until 02:57:57 UTC process 4632 of the same program listened on port 5000; it ended with exit code 1.",
                ],
                Hints = [.. d.Hints, .. More.Take(Math.Max(0, 3 - d.Hints.Count))],
                Possibilities = d.Possibilities.Count > 0 ? d.Possibilities : Others,
                Equivalents = d.Equivalents.Count > 0 ? d.Equivalents : Elsewhere,
            },
        };
    }

    private static readonly Hint[] More =
    [
        new(
            "wrong_port",
            Confidence.Proved,
            "The app listens on port 5001, and ProxyGate is told to use port 5000.",
            ["Nothing listens on 127.0.0.1:5000.", "node (process 4711), which served port 5000 before, listens on 127.0.0.1:5001."],
            ["ss -ltnp 'sport = :5001'", "curl -sv -o /dev/null --max-time 10 http://127.0.0.1:5001/basket"])
        {
            Fix = ["# In proxygate.json, line 31, write the port the app listens on:", "#     \"Address\": \"http://127.0.0.1:5001\"", "# ProxyGate takes the change over by itself. This command only checks the file:", "proxygate check --config proxygate.json"],
        },
        new(
            "crashed",
            Confidence.Likely,
            "The app ended at 02:57:57 UTC with exit code 1 and was started again with other settings.",
            ["Process 4632 listened on port 5000 until 02:57:57 UTC.", "systemd unit shop.service: code=exited, status=1"],
            ["systemctl status shop.service", "journalctl -u shop.service --since '-15 min' --no-pager"])
        {
            Fix = ["# Starts the app again; requests under way on it are lost:", "systemctl restart shop.service"],
        },
        new(
            "localhost_ipv6",
            Confidence.Possible,
            "The app may listen on ::1 only, while ProxyGate dials 127.0.0.1.",
            ["The name localhost has both addresses."],
            ["ss -ltnp 'sport = :5000'"]),
    ];

    private static readonly Possibility[] Others =
    [
        new("app_down", "The app is not running", "Nothing listens on its port, and its unit or container is not active.", ["systemctl --failed", "docker ps -a --format 'table {{.Names}}\\t{{.Status}}\\t{{.Ports}}'"], ["# Starts the app:", "systemctl start shop.service"]),
        new("app_bound_to_loopback", "The app listens on 127.0.0.1 only", "ss shows 127.0.0.1 instead of 0.0.0.0 on the app's machine.", ["ss -ltnp 'sport = :5000'"], ["# Make the app listen on all addresses (0.0.0.0), then start it again."]),
        new("firewall_reject", "A firewall refuses in its place", "A capture shows the refusal coming back from another machine.", ["nft list ruleset"], []),
        new("container_port_not_published", "The container's port is not published", "docker ps shows no 0.0.0.0:5000-> for it.", ["docker ps --format '{{.Names}} {{.Ports}}'"], ["# Publish the port: docker run -p 127.0.0.1:5000:5000 …"]),
        new("starting", "The app is still starting", "Its log ends before it says that it listens.", ["journalctl --since '-2 min' --no-pager"], []),
    ];

    private static readonly Equivalent[] Elsewhere =
    [
        new("nginx", "connect() failed (111: Connection refused) while connecting to upstream"),
        new("HAProxy", "SC--", "also for other failures to connect"),
        new("Envoy", "UF,URX: upstream connect error or disconnect/reset before headers. reset reason: remote connection failure"),
        new("AWS ALB", "502, TargetConnectionErrorCount"),
        new("Cloudflare", "521", "Cloudflare says so of your origin as a whole"),
        new("Heroku", "H21", "H10 when the process is known to have crashed"),
        new("Apache", "AH00957: http: attempt to connect to 127.0.0.1:5000 failed"),
        new("errno", "ECONNREFUSED (111)"),
        new(".NET", "HttpRequestError.ConnectionError"),
        new("curl", "(7) Failed to connect"),
    ];
}
