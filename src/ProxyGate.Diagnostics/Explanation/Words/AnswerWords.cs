using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The answer had begun, or came whole and says itself that something is wrong.</summary>
internal static class AnswerWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.ResponseBodyTruncated] = new(
            s => $"{s.Where} closed the connection in the middle of its answer: {Came(s)}.{Client(s)}",
            "That the app crashed: a wrong Content-Length, or a time limit in the app, ends answers early as well.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.ResponseBodyReset] = new(
            s => $"{s.Where} broke the connection off (reset) in the middle of its answer: {Came(s)}.{Client(s)}",
            "That the app crashed, or even that the app did it: something in between can reset connections.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.ResponseBodyStalled] = new(
            s => $"{s.Where} stopped in the middle of its answer: {Came(s)}, then nothing for {s.Limit}.{Client(s)}",
            "That the app hangs: answers that wait for events (server-sent events, long polling) may rightly be silent for long.",
            s => [Checks.Step($"If this answer may be silent for long, raise ProxyGate:Clusters:{Cluster(s)}:Timeouts:Idle."), .. Checks.AppLog(s)]),
        [CauseId.ResponseChunkInvalid] = new(
            s => $"The answer of {s.Where} is broken in its chunked framing (the lengths between its parts){Message(s)}: {Came(s)}.{Client(s)}",
            "",
            s => [Checks.Curl(s, options: "-sS --raw -i --max-time 10") + " | head -c 400 | cat -v", .. Checks.AppLog(s)]),
        [CauseId.ResponseEncodingInvalid] = new(
            s => $"The answer of {s.Where} is marked as compressed, but cannot be unpacked{Message(s)}.",
            "Where it broke: the app or something between the app and ProxyGate.",
            s => [Checks.Curl(s, options: "-s --compressed -o /dev/null --max-time 10 -w '%{errormsg}\\n'")]),
        [CauseId.ResponseTooLarge] = new(
            s => $"The answer of {s.Where} is larger than the configuration allows: {Came(s)}.{Client(s)}",
            "That the limit is right: if such answers are wanted, raise it."),
        [CauseId.UpgradeFailed] = new(
            s => s.Attempt?.HeadDefect == HeadDefect.UpgradeAcceptInvalid
                ? $"{s.Where} agreed to open a WebSocket but proved it with a wrong key{Defect(s)}."
                : $"The client asked {s.Where} for a live connection (WebSocket), and it did not open one{Status(s)}.",
            "That the app is broken: a path without WebSocket support, or another proxy in between, leads here as well.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UnexpectedUpgrade] = new(
            s => $"{s.Where} switched to another protocol (status 101) that was not asked for{Defect(s)}. ProxyGate did not pass it on.",
            "",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UpgradeIdleTimeout] = new(
            s => $"The live connection (WebSocket or alike) to {s.Where} carried nothing in either direction for {s.Limit}, so ProxyGate closed it.",
            "A fault: connections without traffic look just like dead ones."),
        [CauseId.UpgradeBroken] = new(
            s => s.Failure.Party == Party.Client || s.Request.TunnelEnd == TunnelEnd.ClientBroke
                ? $"The client broke off a live connection (WebSocket or alike) to {s.Where} after {Amounts.Time(s.Request.DurationMs)} without closing it."
                : $"{s.Where} broke off a live connection (WebSocket or alike) after {Amounts.Time(s.Request.DurationMs)} without closing it.",
            s => s.Failure.Party == Party.Client || s.Request.TunnelEnd == TunnelEnd.ClientBroke
                ? "Anything bad of the app: closed laptops and lost mobile networks end live connections like this."
                : "That the app crashed: a restart ends live connections like this, too.",
            s => s.Failure.Party == Party.Client ? [] : [.. Checks.AppLog(s)]),
        [CauseId.UpstreamErrorPassedThrough] = new(
            s => $"The app at {s.Where} answered {Code(s)} itself. ProxyGate reached it without trouble and passed its answer on unchanged.",
            "Anything about the gateway or the network: both worked. The reason is in the app's log.",
            s => [.. Checks.AppLog(s)]),
        [CauseId.UpstreamIsAGateway] = new(
            s => $"Another gateway at {s.Where} answered {Code(s)}{Who(s)}. ProxyGate passed its answer on; what failed is behind that gateway.",
            "What failed behind it: its own log knows.",
            s => [Checks.Step($"Look into the log of the gateway at {s.Where}."), Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10")]),
    };

    private static string Cluster(Seen s) => s.Cluster;

    private static string Came(Seen s) => s.Body switch
    {
        { ContentLength: { } length, BytesReceived: var got } => $"{Amounts.Bytes(got)} of {Amounts.Bytes(length)} had come",
        { BytesReceived: var got, Chunked: true } => $"{Amounts.Bytes(got)} had come, without the end mark",
        { BytesReceived: var got } => $"{Amounts.Bytes(got)} had come",
        null => $"{Amounts.Bytes(s.Attempt?.BytesReceived ?? 0)} had come",
    };

    /// <summary>What that means for the client: a cut answer is never made to look whole.</summary>
    private static string Client(Seen s) => s.Body?.ResponseStarted == true || s.Request.ResponseStarted
        ? " The client already had a part, so ProxyGate ended its answer visibly as incomplete."
        : "";

    private static string Message(Seen s) => string.IsNullOrEmpty(s.Attempt?.DefectDetail ?? s.Attempt?.Message) ? "" : $" ({Seen.Short((s.Attempt!.DefectDetail ?? s.Attempt.Message)!)})";

    private static string Defect(Seen s) => string.IsNullOrEmpty(s.Attempt?.DefectDetail) ? "" : $" ({Seen.Short(s.Attempt.DefectDetail)})";

    private static string Status(Seen s) => s.Attempt?.UpstreamStatus is { } status ? Amounts.Invariant($" but answered {status}") : "";

    private static string Code(Seen s) => s.Attempt?.UpstreamStatus is { } status ? Amounts.Invariant($"{status}") : "an error";

    private static string Who(Seen s)
    {
        var who = s.Attempt?.UpstreamIdentity;
        var name = who?.ProxyStatus ?? who?.Server ?? who?.Via;
        return string.IsNullOrEmpty(name) ? "" : $" (it calls itself \"{Seen.Short(name)}\")";
    }
}
