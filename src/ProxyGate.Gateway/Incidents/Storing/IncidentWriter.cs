using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// Four times a second: tells what happened to incidents, writes the lines of what was folded, and hands what changed to the store, each incident
/// once however often it failed meanwhile. Off every request's path; nothing waits for it.
/// </summary>
internal sealed partial class IncidentWriter(
    IncidentTracker incidents, SampleQueue samples, StoreKeeper keeper, IncidentArchive archive, ChangeFeed feed, FailureEventLog events, WebhookSender webhooks, TimeProvider clock,
    ILogger<IncidentWriter> log) : BackgroundService
{
    private const int AtOnce = 20;
    private const int MostOfOneRound = IncidentTracker.MaxIncidents;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookElsewhere = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Adopt = TimeSpan.FromSeconds(10);

    private DateTimeOffset _elsewhere = clock.GetUtcNow();
    private long _lookedElsewhere = clock.GetTimestamp();
    private long? _adopted;
    private Task _opening = Task.CompletedTask;

    /// <summary>No start waits for a store. What was open goes on from the first failure: that one waits, if not for long.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _opening = Task.Run(() => keeper.OpenAsync(CancellationToken.None), CancellationToken.None);
        incidents.Restored = Task.WhenAny(_opening, Task.Delay(OpenLimit, clock, cancellationToken));
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await LimitedAsync(limit => RoundAsync(stopping: true, limit));
            // What was told at the end gets its first try, and what is still left then is in the store before that is closed.
            await webhooks.StopAsync(cancellationToken);
            await LimitedAsync(limit => keeper.WriteAsync(new StoreBatch([], [], []) { Outbox = webhooks.Outbox.Take() }, limit));
            webhooks.SayWhatIsLeft(keeper.IsStored ? null : archive.Trouble ?? "Incidents are kept in memory only.");
        }
        finally
        {
            await keeper.DisposeAsync();
        }

        async Task LimitedAsync(Func<CancellationToken, Task> step)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(CloseLimit);
            try
            {
                await step(limit.Token);
            }
            catch (OperationCanceledException)
            {
                LogStoppedEarly();
            }
        }
    }

    /// <summary>One round, for tests and the stop; else they are made by themselves.</summary>
    internal async Task RoundAsync(bool stopping, CancellationToken cancellationToken)
    {
        var changes = incidents.TakeChanges(stopping);
        foreach (var change in changes) Tell(change);
        foreach (var line in incidents.TakeFolded(stopping))
        {
            events.Write(line);
            samples.Offer(line);
        }

        var changed = new List<StoredIncident>();
        while (changed.Count < MostOfOneRound && incidents.TakeChanged(AtOnce) is { Count: > 0 } more) changed.AddRange(more);
        var (failures, findings) = samples.Take();
        var batch = new StoreBatch(changed, failures, findings) { Folded = incidents.TakeFoldedIds(), Outbox = webhooks.Outbox.Take() };
        await keeper.WriteAsync(batch, cancellationToken);
        Publish(batch, changes);
        if (!stopping) await AdoptAsync(cancellationToken);
        await PublishElsewhereAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var timer = new PeriodicTimer(Interval, clock);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                // Not cut short: half a batch would only be written again.
                await RoundAsync(stopping: false, CancellationToken.None);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogRoundFailed(e);
            }
        }
    }

    private void Tell(IncidentChange change)
    {
        var time = clock.GetUtcNow();
        if (change is { Moment: IncidentMoment.Recovered, Outage: { } outage })
            events.Write(new RecoveryEvent { Time = time, Incident = change.Incident, DownSince = outage.From, Downtime = outage.Downtime, Failures = outage.Failures });
        var told = new IncidentEvent { Time = time, Moment = change.Moment, Reason = change.Reason, Incident = change.Incident, OutageDowntime = change.Outage?.Downtime };
        events.Tell(told);
        webhooks.Offer(told);
    }

    private void Publish(StoreBatch batch, IReadOnlyList<IncidentChange> changes)
    {
        if (!feed.IsWatched) return;
        foreach (var failure in batch.Failures) feed.Publish(new ArchiveChange(ArchiveChangeKind.Failure, Failure: FailureEntries.Of(failure, incidents.Gateway)));
        foreach (var change in changes) feed.Publish(new ArchiveChange(KindOf(change.Moment), change.Incident));
        foreach (var incident in batch.Incidents) feed.Publish(new ArchiveChange(ArchiveChangeKind.Updated, incident.Incident));
    }

    /// <summary>What a run before could not tell webhooks, or a gateway that is gone. Without webhooks, what was left for those of before is forgotten.</summary>
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        if (archive.Store is not { } store || (_adopted is { } last && (webhooks.Keys.Count == 0 || clock.GetElapsedTime(last) < Adopt))) return;
        try
        {
            webhooks.Resume(await store.AdoptAsync(webhooks.Keys, cancellationToken));
            _adopted = clock.GetTimestamp();
        }
        catch (StoreException)
        {
            // The keeper says what is wrong when it next writes; it is tried again.
        }
    }

    /// <summary>What other gateways wrote to the same store; looked for only while somebody watches.</summary>
    private async Task PublishElsewhereAsync(CancellationToken cancellationToken)
    {
        if (archive.Store is not { } store || clock.GetElapsedTime(_lookedElsewhere) < LookElsewhere) return;
        _lookedElsewhere = clock.GetTimestamp();
        var since = _elsewhere;
        _elsewhere = clock.GetUtcNow() - LookElsewhere;
        if (!feed.IsWatched) return;
        try
        {
            foreach (var incident in await store.ChangedElsewhereAsync(since, cancellationToken)) feed.Publish(new ArchiveChange(ArchiveChangeKind.Updated, incident));
        }
        catch (StoreException)
        {
            _elsewhere = since; // the keeper says what is wrong when it next writes
        }
    }

    private static ArchiveChangeKind KindOf(IncidentMoment moment) => moment switch
    {
        IncidentMoment.Opened => ArchiveChangeKind.Opened,
        IncidentMoment.Worsened => ArchiveChangeKind.Worsened,
        _ => ArchiveChangeKind.Recovered,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Writing incidents failed; it is tried again.")]
    private partial void LogRoundFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The gateway stopped before the last incidents were stored.")]
    private partial void LogStoppedEarly();
}
