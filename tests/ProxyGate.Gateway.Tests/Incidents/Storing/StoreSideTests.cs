using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Gateway.Incidents.Storing.Sql;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Tests.Incidents.Storing;

/// <summary>What a store keeps beside incidents and samples: which failures of a storm a line stands for, and what webhooks have yet to be told. The same for a file and for a server.</summary>
public abstract class StoreSideTests
{
    private protected Recorder Gateway { get; } = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Another look at the same database, as another process has it.</summary>
    private protected abstract Task<SqlStore> OpenAsync(TimeProvider clock);

    private protected async Task<SqlStore> ClaimedAsync()
    {
        var store = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1", await store.ClaimAsync("web1", Stop));
        return store;
    }

    [Fact]
    public async Task A_failure_without_a_line_is_found_by_its_id_with_the_line_that_stands_for_it()
    {
        await using var store = await ClaimedAsync();
        var all = new List<FailureEvent>();
        for (var i = 0; i < 400; i++)
        {
            all.Add(Gateway.Fail(destination: i % 2 == 0 ? "app1" : "app2"));
            Gateway.Clock.Advance(TimeSpan.FromMilliseconds(5));
            if (i % 100 == 99) await store.WriteAsync(Gateway.Batch(), Stop);
        }

        var last = Gateway.Batch(stopping: true);
        await store.WriteAsync(last, Stop);
        await store.WriteAsync(last, Stop); // as after an answer that was lost
        var memory = new MemoryStore("web1");
        await memory.WriteAsync(last, Stop);

        var folded = all.Where(e => Gateway.Lines.TrueForAll(l => l.Id != e.Id)).ToList();
        Assert.InRange(folded.Count, 200, 380);
        foreach (var e in folded)
        {
            var found = await store.FailureAsync(e.Id, Stop);
            Assert.Equal((e.Id, e.Incident, found!.Entry.Id, found.Entry.Occurrences), (found.Folded!.Id, found.Entry.Incident, found.Folded.Line, found.Folded.Count));
            Assert.NotNull(found.Event);
        }

        Assert.Null((await store.FailureAsync(Gateway.Lines[0].Id, Stop))!.Folded);
        Assert.Null(await store.FailureAsync("0000-0000", Stop));
        Assert.Null(await store.FailureAsync("no id", Stop));
        var late = Assert.Single(folded, e => e.Id == folded[^1].Id);
        Assert.Equal((late.Id, late.Incident), ((await memory.FailureAsync(late.Id, Stop))!.Folded!.Id, (await memory.FailureAsync(late.Id, Stop))!.Entry.Incident));
    }

    [Fact]
    public async Task The_sample_is_of_what_failed_itself_rather_than_of_what_an_open_circuit_turned_away()
    {
        await using var store = await ClaimedAsync();
        var failed = Gateway.Fail();
        Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        Gateway.Intake.Take(Recorder.Event("circuit_open", Gateway.Tracker.Count(Failures.Of("shop", "app1", "connect_refused"))));
        var batch = Gateway.Batch();
        await store.WriteAsync(batch, Stop);
        var memory = new MemoryStore("web1");
        await memory.WriteAsync(batch, Stop);

        foreach (var one in (IIncidentStore[])[store, memory])
        {
            var whole = (await one.IncidentAsync(failed.Incident, Stop))!;
            Assert.Equal((failed.Id, failed.Diagnosis.Sentence), (whole.Sample!.Id, whole.Incident.Sentence));
            Assert.Equal(2, whole.Incident.Count);
        }
    }

    [Fact]
    public async Task Ids_without_a_line_go_when_there_are_too_many_and_when_they_are_too_old_the_newest_last()
    {
        await using var store = await ClaimedAsync();
        var all = new List<FailureEvent>();
        for (var i = 0; i < 2000; i++)
        {
            all.Add(Gateway.Fail());
            Gateway.Clock.Advance(TimeSpan.FromMilliseconds(10));
        }

        await store.WriteAsync(Gateway.Batch(stopping: true), Stop);
        var folded = all.Where(e => Gateway.Lines.TrueForAll(l => l.Id != e.Id)).ToList();
        await store.TidyAsync(TimeSpan.FromDays(30), 8 * 15_000, Stop);
        Assert.Null(await store.FailureAsync(folded[0].Id, Stop));
        Assert.NotNull((await store.FailureAsync(folded[^1].Id, Stop))!.Folded);

        // Its line may go before it: what is left of the incident stands for it then, and says so.
        var line = (await store.FailureAsync(folded[^1].Id, Stop))!.Entry.Id;
        await using (var connection = await store.Database.OpenAsync(Stop)) await connection.RunAsync("DELETE FROM failures WHERE id = @id", null, Stop, ("id", line));
        var near = (await store.FailureAsync(folded[^1].Id, Stop))!;
        Assert.Equal((line, folded[^1].Incident), (near.Folded!.Line, near.Entry.Incident));
        Assert.Contains("no longer kept", near.Folded.InWords(near.Entry.Id), StringComparison.Ordinal);

        Gateway.Succeed();
        Gateway.Clock.Advance(TimeSpan.FromSeconds(10));
        await store.WriteAsync(Gateway.Batch(), Stop);
        Gateway.Clock.Advance(TimeSpan.FromDays(31));
        await store.TidyAsync(TimeSpan.FromDays(30), long.MaxValue, Stop);
        Assert.Null(await store.FailureAsync(folded[^1].Id, Stop));
        await using var empty = await store.Database.OpenAsync(Stop);
        Assert.Equal(0, await empty.NumberAsync("SELECT count(*) FROM folded", null, Stop));
    }

    [Fact]
    public async Task What_a_gateway_left_for_webhooks_is_taken_over_once_by_itself_or_by_another()
    {
        var first = await ClaimedAsync();
        WebhookMessage[] messages = [.. Enumerable.Range(0, 4).Select(i => new WebhookMessage($"d{i}", i == 3 ? "not ours" : "hook", Gateway.Clock.GetUtcNow().AddSeconds(-i), [1, 2, 0, (byte)i]))];
        await first.WriteAsync(new StoreBatch([], [], []) { Outbox = new OutboxChange(messages, []) }, Stop);
        Assert.Empty(await first.AdoptAsync(["hook"], Stop)); // its own are under way
        await using var second = await OpenAsync(Gateway.Clock);
        await second.ClaimAsync("web1", Stop);
        Assert.Empty(await second.AdoptAsync(["hook"], Stop)); // while the first lives
        await first.WriteAsync(new StoreBatch([], [], []) { Outbox = new OutboxChange([], ["d1"]) }, Stop);
        await first.DisposeAsync();

        var adopted = await second.AdoptAsync(["hook"], Stop);
        Assert.Equal(["d2", "d0"], adopted.Select(m => m.Delivery));
        Assert.Equal(messages[0].Body, adopted[1].Body);
        Assert.Equal(messages[0].Time, adopted[1].Time);
        await using var third = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1", await third.ClaimAsync("web1", Stop));
        Assert.Equal("d3", Assert.Single(await third.AdoptAsync(["hook", "not ours"], Stop)).Delivery);

        Gateway.Clock.Advance(TimeSpan.FromDays(31));
        await second.TidyAsync(TimeSpan.FromDays(30), long.MaxValue, Stop);
        await using var connection = await second.Database.OpenAsync(Stop);
        Assert.Equal(0, await connection.NumberAsync("SELECT count(*) FROM outbox", null, Stop));
    }

    [Fact]
    public async Task What_was_left_for_a_webhook_that_is_no_longer_configured_is_forgotten()
    {
        var first = await ClaimedAsync();
        WebhookMessage[] messages = [.. Enumerable.Range(0, 2).Select(i => new WebhookMessage($"d{i}", i == 0 ? "removed" : "hook", Gateway.Clock.GetUtcNow(), [1]))];
        await first.WriteAsync(new StoreBatch([], [], []) { Outbox = new OutboxChange(messages, []) }, Stop);
        await first.DisposeAsync();

        await using var second = await OpenAsync(Gateway.Clock);
        await second.ClaimAsync("web1", Stop);
        Assert.Equal("d1", Assert.Single(await second.AdoptAsync(["hook"], Stop)).Delivery);
        await using var connection = await second.Database.OpenAsync(Stop);
        Assert.Equal(1, await connection.NumberAsync("SELECT count(*) FROM outbox", null, Stop));
    }
}
