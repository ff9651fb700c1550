using System.Globalization;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>The end of a worker while its server runs on: by the server's own limit, or with a request in its hands.</summary>
internal static class WorkerFound
{
    /// <summary>A server starts a new worker at once when one has ended.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(3);

    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Cause is not (CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.UpstreamProcessExited
            or CauseId.ResponseHeadIncomplete or CauseId.ResponseBodyTruncated or CauseId.ResponseBodyReset or CauseId.RequestSendFailed)) yield break;
        var workers = look.Facts.Workers;
        if (TimeoutLine(look, workers) is { } line)
        {
            yield return TimedOut(look, line);
        }
        else if (look.IsOfEarlier || look.Death is { OomKilled: true })
        {
            yield break;
        }
        else if (workers is { Ended.Count: > 0 } && workers.Started.FirstOrDefault(p => (p.StartedAt - look.FailedAt)?.Duration() <= Together) is { } next)
        {
            yield return Ended(look, workers.Ended, next);
        }
    }

    /// <summary>
    /// The line in which a server says that it ends a worker by its limit. Old lines stand in logs for long, so the line must name a worker
    /// that was there and is gone; where workers cannot be seen, the log has to be that of a process whose end is in time.
    /// </summary>
    private static string? TimeoutLine(Look look, WorkerFacts? workers)
    {
        var lines = (look.Facts.Log?.Lines ?? []).Concat(look.Death?.LastLogLines ?? []).Where(SaysTimeout);
        if (workers is { Ended.Count: > 0 }) return lines.LastOrDefault(l => workers.Ended.Any(w => Names(l, w)));
        return look.Death is { Pid: { } pid } && look.DiedInTime ? lines.LastOrDefault(l => Names(l, pid)) : null;
    }

    private static bool SaysTimeout(string line) => line.Contains("WORKER TIMEOUT", StringComparison.OrdinalIgnoreCase) || line.Contains("execution timed out", StringComparison.OrdinalIgnoreCase)
        || line.Contains("Terminating timed out worker", StringComparison.OrdinalIgnoreCase);

    /// <summary>The number as a word of its own.</summary>
    private static bool Names(string line, int pid)
    {
        var number = pid.ToString(CultureInfo.InvariantCulture);
        for (var at = line.IndexOf(number, StringComparison.Ordinal); at >= 0; at = line.IndexOf(number, at + 1, StringComparison.Ordinal))
        {
            var end = at + number.Length;
            if ((at == 0 || !char.IsAsciiDigit(line[at - 1])) && (end == line.Length || !char.IsAsciiDigit(line[end]))) return true;
        }

        return false;
    }

    private static Hint TimedOut(Look look, string line) => Found(
        "worker_timeout_kill",
        look.IsOfEarlier ? Confidence.Likely : Confidence.Proved,
        "The app's server ended its own worker because the request took longer than it allows.",
        [$"Its log says: {Seen.Short(line)}", .. Gone(look) is { } gone ? [gone] : Array.Empty<string>()],
        [.. LogFile(look), .. Log(look)],
        [Step("Make the request faster, or raise the server's limit (gunicorn: --timeout, php-fpm: request_terminate_timeout, puma: worker_timeout).")]);

    private static Hint Ended(Look look, IReadOnlyList<int> ended, ProcessFacts next) => Found(
        "app_crashed_on_request",
        ended.Count == 1 ? Confidence.Likely : Confidence.Possible,
        $"A worker of the app ended with this request in its hands: {Look.Who(look.Facts.Process)} runs on and has started another.",
        [$"{Gone(look)}; {Look.Who(next)} was started in its place {Near(look, next)}"],
        [.. LogFile(look), .. Log(look)],
        [Step($"If a worker ends again with the next {look.Seen.RequestLine}, the fault, or a limit of time or memory, is met in the code for that path: the app's log tells which.")]);

    private static string? Gone(Look look) => look.Facts.Workers is { Ended.Count: > 0 and var count } workers
        ? $"{(count == 1 ? "Process" : "Processes")} {string.Join(", ", workers.Ended.Take(4))} took connections at {look.Where} before and {(count == 1 ? "is" : "are")} gone; {Look.Who(look.Facts.Process)} runs on"
        : null;

    private static string Near(Look look, ProcessFacts next) => (next.StartedAt - look.FailedAt)!.Value is var gap && gap < TimeSpan.Zero
        ? $"{Amounts.Time(-gap.TotalMilliseconds)} before this failure" : $"{Amounts.Time(gap.TotalMilliseconds)} after this failure";
}
