using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Investigation;

namespace ProxyGate.Gateway.Investigating;

/// <summary>
/// Has failures looked into after their answers were sent: one look per destination at a time and in thirty seconds, few at once, a
/// bounded queue. What a look found becomes an event of its own and is told with the destination's later failures. Nothing waits for it.
/// </summary>
internal sealed partial class InvestigationDesk(
    Questions questions, Investigator investigator, LookBook book, WorkingCertificates certificates, Recoveries recoveries, FailureEventLog events, FailureIntake intake, GatewayMetrics metrics, ConfigStatus config, TimeProvider clock, ILogger<InvestigationDesk> logger)
    : BackgroundService
{
    private const int MostWaiting = 64;
    private const int MostAtOnce = 4;
    private const int MostStartsPerSecond = 5;

    /// <summary>A change older than this before the failure explains nothing.</summary>
    private static readonly TimeSpan ChangeWindow = TimeSpan.FromMinutes(10);

    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly DateTimeOffset _started = clock.GetUtcNow();

    /// <summary>
    /// The failure in words, with what a look at its destination saw a moment ago. A destination that has answered well since is not as it
    /// was: what was seen then explains nothing now.
    /// </summary>
    public Diagnosis Explain(FailureFacts facts, Failure failure, FailureContext surroundings)
    {
        var look = facts.Request is { Decision: GatewayDecision.None, ClientFault: ClientFault.None } ? book.Find(facts.Request.Cluster, failure.Attempt, surroundings.Now) : null;
        return look is null || surroundings.LastSuccess > look.At ? Explainer.Explain(facts, failure, surroundings)
            : Explainer.Explain(facts, Classifier.Refine(failure, look, surroundings.Now), surroundings, look);
    }

    /// <summary>Has this failure looked into once its answer is out, unless its destination was looked at a moment ago.</summary>
    public void Ask(HttpContext context, FailureFacts facts, Failure observed, FailureEvent failureEvent)
    {
        if (!questions.IsWorthwhile(facts, observed)) return;
        var key = new DestinationKey(facts.Request.Cluster!, observed.Attempt!.Destination);
        if (!book.TryBegin(key)) return;
        context.Response.OnCompleted(() =>
        {
            if (!_jobs.Writer.TryWrite(new Job(key, facts, observed, failureEvent)))
            {
                book.Withdraw(key);
                metrics.Investigated("dropped", null);
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>The newest look at the destination of a failure that is some time ago.</summary>
    public InvestigationFacts? LastLook(FailureEvent failure) => book.Last(failure.Request.Cluster, failure.Diagnosis.Failure.Attempt);

    /// <summary>Has the destination of an earlier failure looked at again because requests still suffer from it, as bounded as for a new one.</summary>
    public void LookAgain(FailureFacts facts, Failure observed, FailureEvent failure)
    {
        if (!questions.IsWorthwhile(facts, observed)) return;
        var key = new DestinationKey(facts.Request.Cluster!, observed.Attempt!.Destination);
        if (!book.TryBegin(key) || _jobs.Writer.TryWrite(new Job(key, facts, observed, failure))) return;
        book.Withdraw(key);
        metrics.Investigated("dropped", null);
    }

    /// <summary>Has the destination of a recorded failure looked at again because somebody asks: sooner after the last look, otherwise as bounded as any.</summary>
    public LookWish AskAgain(FailureEvent sample)
    {
        var facts = new FailureFacts(sample.Request, sample.Attempts);
        var observed = Classifier.Classify(facts);
        var now = clock.GetUtcNow();
        if (!questions.IsWorthwhile(facts, observed)) return LookWish.Refused(now, "A look can tell nothing more of this: no destination is at fault, or its cluster is not to be investigated.");
        var key = new DestinationKey(facts.Request.Cluster!, observed.Attempt!.Destination);
        if (!book.TryBegin(key, LookBook.BetweenWishes)) return LookWish.Refused(now, "It was looked at a moment ago. Try again in a few seconds.");
        var wish = new LookWish(now);
        if (_jobs.Writer.TryWrite(new Job(key, facts, observed, sample, wish))) return wish;
        book.Withdraw(key);
        return LookWish.Refused(now, "Too many looks are waiting. Try again in a few seconds.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var places = new SemaphoreSlim(MostAtOnce);
        var pace = new Pace(MostStartsPerSecond, clock);
        await foreach (var job in _jobs.Reader.ReadAllAsync(stoppingToken))
        {
            await places.WaitAsync(stoppingToken);
            await pace.WaitAsync(stoppingToken);
            _ = LookAsync(job, places, stoppingToken);
        }
    }

    private async Task LookAsync(Job job, SemaphoreSlim places, CancellationToken stop)
    {
        try
        {
            job.Wish?.Begin();
            if (questions.Of(job.Event, job.Observed.Cause) is not { } question)
            {
                book.Withdraw(job.Key);
                job.Wish?.Fail("Its destination is no longer configured, or has another address now.");
                return;
            }

            var seen = await investigator.LookAsync(question, stop);
            stop.ThrowIfCancellationRequested();
            var look = seen with
            {
                Changes = [.. seen.Changes.Concat(OwnChanges(job.Event.Time)).Concat(certificates.Compare(job.Key, job.Event.Diagnosis.Failure.Attempt, seen)).OrderByDescending(c => c.At)],
                Neighbours = [.. (job.Event.Diagnosis.Context?.Neighbours ?? []).Select(n => new NeighbourFacts(n.Destination, n.FailingWith is not null, n.FailingWith, n.LastSuccess))],
            };
            var refined = Classifier.Refine(job.Observed, look, job.Event.Time);
            var finding = new FindingEvent
            {
                Time = clock.GetUtcNow(),
                Incident = job.Event.Incident,
                FailureId = job.Event.Id,
                Route = job.Event.Request.Route,
                Cluster = job.Event.Request.Cluster,
                Cause = job.Observed.Cause,
                Diagnosis = Explainer.Explain(job.Facts, refined, job.Event.Diagnosis.Context, look),
            };
            book.Put(job.Key, finding);
            recoveries.Failed(job.Key);
            events.Write(finding);
            intake.Take(finding, job.Event);
            job.Wish?.Complete(finding);
            metrics.Investigated(finding.Diagnosis.Hints.Any(h => h.Confidence != Confidence.Possible) ? "found" : "open", look.DurationMs);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The gateway stops; nobody waits for this.
        }
        catch (Exception e)
        {
            LogLookFailed(e, job.Key.Destination);
            job.Wish?.Fail("Looking failed; the gateway's log has the reason.");
            metrics.Investigated("failed", null);
        }
        finally
        {
            if (!stop.IsCancellationRequested) places.Release();
        }
    }

    private IEnumerable<ChangeFacts> OwnChanges(DateTimeOffset failedAt)
    {
        if (config.Reloads > 0 && IsRecent(config.LoadedAt)) yield return new ChangeFacts(config.LoadedAt, ChangeKind.ConfigReloaded, null, null);
        if (IsRecent(_started)) yield return new ChangeFacts(_started, ChangeKind.GatewayStarted, null, null);

        bool IsRecent(DateTimeOffset at) => at <= failedAt && failedAt - at <= ChangeWindow;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Looking into a failure of destination {Destination} failed; the failure itself is recorded.")]
    private partial void LogLookFailed(Exception exception, string destination);

    private sealed record Job(DestinationKey Key, FailureFacts Facts, Failure Observed, FailureEvent Event, LookWish? Wish = null);
}
