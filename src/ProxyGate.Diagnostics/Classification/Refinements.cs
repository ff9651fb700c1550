using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Findings;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>
/// What a look after the failure makes of a cause. Only by positive evidence: an end of this very process in the window, a listener
/// seen full, a handshake that succeeded. Where there is none, the cause stays what the attempt saw.
/// </summary>
internal static class Refinements
{
    /// <summary>How long before a failure an end or a start may lie to belong to it.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(60);

    /// <summary>A request that was in the app's hands ends with the app; clocks and kernel logs are no finer than this.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(3);

    public static string? Of(Failure failure, InvestigationFacts look, DateTimeOffset failedAt)
    {
        var cause = failure.Cause.Id;
        if (IsPlainToTls(failure, look)) return CauseId.PlainHttpToTlsPort;
        if (IsTlsToPlain(failure, look)) return CauseId.TlsToPlainHttpPort;
        if (cause == CauseId.ConnectTimeout && look.Listener is { AcceptQueue: { } waiting, AcceptQueueLimit: { } limit } && waiting > limit) return CauseId.ListenBacklogFull;
        if (!IsEnd(cause)) return null;
        if (look.Death is { InGroup: false } death && InWindow(look, failure, failedAt))
        {
            if (death.OomKilled) return CauseId.UpstreamOomKilled;
            if (cause == CauseId.ConnectRefused && look.Listener?.Starting is not null) return CauseId.UpstreamStarting;
            if (Deaths.IsOrderly(death) && IsRestarted(look)) return CauseId.UpstreamRestarting;
            if (death.ExitCode is not null || death.Signal is not null) return CauseId.UpstreamProcessExited;
        }

        if (cause == CauseId.ConnectRefused && look.Listener is { Listening: false, Starting: not null }) return CauseId.UpstreamStarting;
        if (look.Process is not { StartedAt: { } started } || started > look.At) return null;
        if (IsRestartedInTime(look, failure, failedAt)) return CauseId.UpstreamRestarting;
        return cause == CauseId.ConnectRefused && look is { ProcessBefore: null, Listener.Listening: true } && started <= failedAt && failedAt - started <= Before
            ? CauseId.UpstreamStarting
            : null;
    }

    /// <summary>Spoken to in plain HTTP it closed without a byte; spoken to in TLS it completes the handshake.</summary>
    public static bool IsPlainToTls(Failure failure, InvestigationFacts look) =>
        failure is { Cause.Id: CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.PlainHttpToTlsPort, Attempt: { UsesTls: false, BytesReceived: 0 } }
        && look.Service is { SpeaksTls: true } service && (service.SpeaksHttp1 != true || service.AsksForTls);

    /// <summary>Spoken to in TLS it gave up; spoken to in plain HTTP it answers.</summary>
    public static bool IsTlsToPlain(Failure failure, InvestigationFacts look) =>
        failure is { Cause.Id: CauseId.TlsHandshakeClosed or CauseId.TlsHandshakeTimeout or CauseId.TlsToPlainHttpPort, Attempt.UsesTls: true }
        && look.Service is { SpeaksHttp1: true, SpeaksTls: false };

    public static bool IsReplaced(InvestigationFacts look) => look is { Process: { } now, ProcessBefore: { } before }
        && !now.IsSameProcessAs(before);

    /// <summary>The listener is another process than before, and the same app. A port is soon taken by another program, which is no restart.</summary>
    public static bool IsRestarted(InvestigationFacts look) => IsReplaced(look) && look.Process!.IsSameAppAs(look.ProcessBefore!);

    /// <summary>Whether the new process began when this failure happened: one that runs by then is no reason.</summary>
    public static bool IsRestartedInTime(InvestigationFacts look, Failure failure, DateTimeOffset failedAt) =>
        IsRestarted(look) && look.Process!.StartedAt is { } started && started >= failedAt - Reach(look, failure, failedAt) && started <= failedAt + Before;

    /// <summary>
    /// Whether the end is in time with the failure. An end without a time lies before the look that saw it: it belongs to the failure that
    /// was looked into, and to a later one only as far as the look is near it.
    /// </summary>
    public static bool InWindow(InvestigationFacts look, Failure failure, DateTimeOffset failedAt)
    {
        var before = Reach(look, failure, failedAt);
        if (look.Death?.At is { } at) return at >= failedAt - before && at <= failedAt + Together;
        return look.At >= failedAt - before;
    }

    /// <summary>
    /// How far before the failure its reason may lie: nobody answers for as long as nobody listens. Where the look had seen somebody listen
    /// again before the failure, what had ended until then is over.
    /// </summary>
    private static TimeSpan Reach(InvestigationFacts look, Failure failure, DateTimeOffset failedAt) =>
        failure.Stage == Stage.Connect && (look.At >= failedAt || look.Listener is not { Listening: true }) ? Before : Together;

    private static bool IsEnd(string cause) => cause is CauseId.ConnectRefused or CauseId.ConnectReset or CauseId.SocketMissing
        or CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.StaleConnection
        or CauseId.ResponseHeadIncomplete or CauseId.ResponseBodyTruncated or CauseId.ResponseBodyReset or CauseId.RequestSendFailed;
}
