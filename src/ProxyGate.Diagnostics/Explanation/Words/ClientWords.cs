using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The client's doing. None of these says anything bad of an app.</summary>
internal static class ClientWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.ClientDisconnected] = new(
            s => $"The client went away after {Amounts.Time(s.Request.DurationMs)}, before the answer was complete{Waiting(s)}.",
            s => s.Attempt is { RequestComplete: true, FirstByteMs: null }
                ? "That the app failed: it had not answered yet. But people also leave because an answer takes too long."
                : "That the app failed. People close pages and programs have time limits of their own.",
            s => s.Attempt is { RequestComplete: true, FirstByteMs: null }
                ? [Checks.Step("How long does the app take for this request?"), Checks.SlowCurl(s)]
                : []),
        [CauseId.ClientBodyFailed] = new(
            s => $"The client's request broke off or broke the rules while its body was being sent: {Amounts.Bytes(s.Request.RequestBytes)} of it had come.",
            "Anything bad of the app. The usual reasons are a lost connection or a program that announces one length and sends another."),
        [CauseId.ClientBodyTimeout] = new(
            s => $"The client stopped sending its request: {Amounts.Bytes(s.Request.RequestBytes)} had come, then nothing for as long as the limit Limits:RequestBodyIdle allows.",
            "Anything bad of the app. A lost or very slow connection of the client is the usual reason."),
        [CauseId.ClientReadTimeout] = new(
            s => $"The client took the answer so slowly that the time for the whole request{Total(s)} ran out{Taken(s)}.",
            "Anything bad of the app: ProxyGate waited for the client to take what the app had sent. A slow connection of the client, or a program that does not read, is the usual reason.",
            s => [Checks.Step("If such downloads are wanted, give their route a longer Timeouts:Total, or none.")]),
        [CauseId.ClientRequestMalformed] = new(
            s => $"The client's request breaks the rules of HTTP{Status(s)}, so ProxyGate did not pass it on{Detail(s)}.",
            "An attack: broken programs send such requests too. The app never saw it."),
        [CauseId.ClientRequestTooLarge] = new(
            s => s.Request.ClientFaultStatus switch
            {
                414 => $"The address (URL) in the client's request is longer than ProxyGate accepts{Detail(s)}.",
                431 => $"The fields of the client's request (cookies included) are larger than the limit Limits:RequestHeaders allows{Detail(s)}.",
                _ => $"The client's request body is larger than the limit Limits:RequestBody allows{Detail(s)}.",
            },
            "That the limit is right: if such requests are wanted, raise it.",
            s => [Checks.Step(s.Request.ClientFaultStatus is 431 ? "If it happens to single people only, their cookies have grown too large." : "If such uploads are wanted, raise ProxyGate:Limits:RequestBody (for instance \"100MiB\").")]),
        [CauseId.ClientHeadTimeout] = new(
            _ => "The client opened a connection and did not finish the first lines of its request (the head) within the limit Limits:RequestHeadersTimeout.",
            "Anything bad of the app: it was not contacted."),
    };

    private static string Waiting(Seen s) => s.Attempt switch
    {
        null => "",
        { Body: { } body } => $"; {Amounts.Bytes(body.BytesReceived)} of the body had come from {s.Where}",
        { RequestComplete: true, FirstByteMs: null } => $"; {s.Where} had the request for {s.AfterRequest} and had not answered",
        { RequestNumber: 0 } => $"; ProxyGate was still connecting to {s.Where}",
        { RequestComplete: false } => $"; {Amounts.Bytes(s.Attempt.BytesSent)} of the request had been passed to {s.Where}",
        _ => "",
    };

    private static string Total(Seen s) => s.Attempt is { TimedOut: TimeoutPhase.Total, TimeoutMs: { } limit } ? $" (Timeouts:Total, {Amounts.Time(limit)})" : "";

    private static string Taken(Seen s) => s.Attempt?.Body is { } body ? $"; {Amounts.Bytes(body.BytesReceived)} of the body had come from {s.Where}" : "";

    private static string Status(Seen s) => s.Request.ClientFaultStatus is { } status ? Amounts.Invariant($" (status {status})") : "";

    private static string Detail(Seen s) => string.IsNullOrEmpty(s.Request.DecisionDetail) ? "" : $" ({Seen.Short(s.Request.DecisionDetail)})";
}
