using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Gateway.Incidents.Storing.Sql;
using ProxyGate.Gateway.Tests.EventLog;
using ProxyGate.Tests.Incidents;

namespace ProxyGate.Gateway.Tests.Incidents.Storing;

/// <summary>What every store must do; the same for a file and for a server.</summary>
public abstract class StoreTests : StoreSideTests
{
    [Fact]
    public async Task An_incident_is_read_as_it_was_written()
    {
        await using var store = await ClaimedAsync();
        Gateway.Succeed();
        Gateway.Clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 15; i++)
        {
            Gateway.Fail(path: i % 3 == 0 ? "/a" : "/b", client: i == 0 ? "2001:db8::1" : "192.0.2.7");
            Gateway.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        var batch = Gateway.Batch();
        await store.WriteAsync(batch, Stop);
        await store.WriteAsync(batch, Stop); // a batch whose answer was lost is written again

        var incident = Assert.Single((await store.IncidentsAsync(new IncidentFilter(), Stop)).Items);
        Assert.Equal(batch.Incidents[0].Incident, incident);
        Assert.Equal(("web1", 15L, IncidentStatus.Open), (incident.Gateway, incident.Count, incident.Status));
        var whole = await store.IncidentAsync(incident.Id, Stop);
        Assert.Equal(15, whole!.Minutes.Sum(m => m.Count));
        Assert.Equal(3, whole.Minutes.Count);
        Assert.Equal([new CountedName("/b", 10), new CountedName("/a", 5)], whole.Paths.Known);
        Assert.Equal([new CountedName("192.0.2.7", 14), new CountedName("2001:db8::1", 1)], whole.Clients.Known);
        Assert.Equal(batch.Incidents[0].Outages, whole.Outages);
        Assert.Equal(batch.Failures.Take(5).Select(f => f.Id), whole.First.Select(f => f.Id));
        Assert.Equal(batch.Failures.TakeLast(5).Reverse().Select(f => f.Id), whole.Last.Select(f => f.Id));
        Assert.Equal(5, whole.Between.Count);
        Assert.Equal(0, whole.NotKept);
        Assert.Equal(FailureEventJson.ToLine(batch.Failures[^1]), FailureEventJson.ToLine(whole.Sample!));
    }

    [Fact]
    public async Task Counts_are_those_of_the_last_batch_and_the_store_says_what_it_did_not_keep()
    {
        await using var store = await ClaimedAsync();
        for (var i = 0; i < 200; i++)
        {
            for (var n = 0; n < 50; n++) Gateway.Fail();
            Gateway.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await store.WriteAsync(Gateway.Batch(), Stop);
        }

        await store.WriteAsync(Gateway.Batch(stopping: true), Stop);
        var incident = Assert.Single((await store.IncidentsAsync(new IncidentFilter(), Stop)).Items);
        Assert.Equal(10_000, incident.Count);
        var whole = (await store.IncidentAsync(incident.Id, Stop))!;
        Assert.Equal(10_000, whole.Minutes.Sum(m => m.Count));
        var kept = await AllFailuresAsync(store);
        Assert.Equal(10_000, kept.Sum(f => f.Occurrences));
        Assert.Equal(10_000 - kept.Count, whole.NotKept);
        Assert.Equal(10_000, (await store.CountsAsync(new CountQuery { From = incident.FirstSeen.AddHours(-1), To = incident.LastSeen.AddHours(1), Step = TimeSpan.FromMinutes(10) }, Stop))
            .Single().Points.Sum(p => p.Count));
    }

    [Fact]
    public async Task What_was_open_goes_on_after_a_kill_and_what_just_recovered_can_flap()
    {
        var store = await ClaimedAsync();
        for (var i = 0; i < 3; i++) Gateway.Fail();
        Gateway.Fail(destination: "app2");
        Gateway.Succeed(destination: "app2");
        Gateway.Clock.Advance(TimeSpan.FromSeconds(30));
        await store.WriteAsync(Gateway.Batch(), Stop);
        await store.DisposeAsync();

        var next = new Recorder(Gateway.Clock);
        await using var again = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1", await again.ClaimAsync("web1", Stop));
        Assert.Empty(next.Tracker.Restore(await again.LoadAsync(Gateway.Clock.GetUtcNow() - IncidentTracker.FlapWindow, Stop)));

        var before = Gateway.Tracker.Snapshot();
        Assert.Equal(before.Select(i => i.Id).Order(), next.Tracker.Snapshot().Select(i => i.Id).Order());
        next.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(4, next.Fail().Diagnosis.Context!.Count);
        next.Fail(destination: "app2");
        await again.WriteAsync(next.Batch(), Stop);

        var after = (await again.IncidentsAsync(new IncidentFilter(), Stop)).Items.ToDictionary(i => i.Destination!);
        Assert.Equal(2, after.Count);
        Assert.Equal((before.Single(i => i.Destination == "app1").Id, 4L, before.Single(i => i.Destination == "app1").FirstSeen), (after["app1"].Id, after["app1"].Count, after["app1"].FirstSeen));
        Assert.Equal((2L, 1), (after["app2"].Count, after["app2"].Flaps));
        Assert.Equal(6, (await again.CountsAsync(new CountQuery { From = before[0].FirstSeen.AddHours(-1), To = next.Clock.GetUtcNow().AddHours(1) }, Stop)).Single().Points.Sum(p => p.Count));
    }

    [Fact]
    public async Task TwoGateways_write_and_each_sees_both()
    {
        await using var first = await ClaimedAsync();
        await using var second = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1-2", await second.ClaimAsync("web1", Stop));
        var other = new Recorder(Gateway.Clock);
        other.Tracker.Gateway = "web1-2";
        for (var i = 0; i < 5; i++)
        {
            Gateway.Fail();
            other.Fail(cause: "connect_timeout");
            await first.WriteAsync(Gateway.Batch(), Stop);
            await second.WriteAsync(other.Batch(), Stop);
        }

        foreach (var store in (SqlStore[])[first, second])
        {
            Assert.Equal(
                [("web1", "connect_refused", 5L), ("web1-2", "connect_timeout", 5L)],
                (await store.IncidentsAsync(new IncidentFilter(), Stop)).Items.Select(i => (i.Gateway, i.Cause, i.Count)).Order());
            Assert.Equal("connect_timeout", Assert.Single((await store.IncidentsAsync(new IncidentFilter { Gateway = "web1-2" }, Stop)).Items).Cause);
            Assert.Equal(10, (await store.FailuresAsync(new FailureFilter(), Stop)).Items.Count);
        }

        Assert.Equal("web1-2", Assert.Single(await first.ChangedElsewhereAsync(DateTimeOffset.MinValue, Stop)).Gateway);
        Assert.Equal("connect_refused", Assert.Single(await first.LoadAsync(DateTimeOffset.MinValue, Stop)).Incident.Cause);
    }

    [Fact]
    public async Task A_name_is_free_again_when_itsGateway_is_gone()
    {
        var first = await ClaimedAsync();
        await using var second = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1-2", await second.ClaimAsync("web1", Stop));
        await first.DisposeAsync();
        await using var third = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1", await third.ClaimAsync("web1", Stop));

        // One that does not say that it lives is taken for gone.
        Gateway.Clock.Advance(GatewayLease.Expires + TimeSpan.FromSeconds(1));
        await third.BeatAsync(Stop);
        await using var fourth = await OpenAsync(Gateway.Clock);
        Assert.Equal("web1-2", await fourth.ClaimAsync("web1", Stop));
    }

    [Fact]
    public async Task Filters_text_and_pages_find_what_they_say()
    {
        await using var store = await ClaimedAsync();
        for (var i = 0; i < 30; i++)
        {
            Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
            Gateway.Fail(route: i % 2 == 0 ? "shop" : "api", path: $"/order/{i:00}", saved: i % 5 == 0);
        }

        Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        Gateway.Fail(cause: "response_timeout", path: "/100%_Sale");
        await store.WriteAsync(Gateway.Batch(), Stop);

        Assert.Equal(15, (await AllFailuresAsync(store, new FailureFilter { Route = "api" })).Count);
        Assert.Equal(6, (await AllFailuresAsync(store, new FailureFilter { Saved = true })).Count);
        Assert.Single(await AllFailuresAsync(store, new FailureFilter { Text = "100%_SALE" }));
        Assert.Empty(await AllFailuresAsync(store, new FailureFilter { Text = "100xxSale" }));
        Assert.Empty(await AllFailuresAsync(store, new FailureFilter { Text = "'; DROP TABLE failures; --" }));
        Assert.Single(await AllFailuresAsync(store, new FailureFilter { Party = "upstream_app" }));
        Assert.Equal(9, (await AllFailuresAsync(store, new FailureFilter { From = Gateway.Clock.GetUtcNow().AddSeconds(-9), Cause = "connect_refused" })).Count);

        var all = await AllFailuresAsync(store, new FailureFilter { Limit = 7 });
        Assert.Equal(31, all.Select(f => f.Id).Distinct().Count());
        Assert.Equal(all.OrderByDescending(f => f.Time).Select(f => f.Id), all.Select(f => f.Id));
        var incidents = new List<Incident>();
        var filter = new IncidentFilter { Limit = 1 };
        do
        {
            var page = await store.IncidentsAsync(filter, Stop);
            incidents.AddRange(page.Items);
            filter = filter with { Cursor = page.Next };
        }
        while (filter.Cursor is not null);
        Assert.Equal(["shop", "api", "shop"], incidents.Select(i => i.Route));
        Assert.Empty((await store.IncidentsAsync(new IncidentFilter { Cause = "tls_cert_expired" }, Stop)).Items);
        Assert.Equal(3, (await store.IncidentsAsync(new IncidentFilter { Cursor = "not ours" }, Stop)).Items.Count);
    }

    [Fact]
    public async Task The_open_ones_come_first()
    {
        await using var store = await ClaimedAsync();
        Gateway.Fail();
        Gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        Gateway.Fail(destination: "app2");
        Gateway.Succeed(destination: "app2");
        Gateway.Clock.Advance(TimeSpan.FromSeconds(10));
        await store.WriteAsync(Gateway.Batch(), Stop);

        Assert.Equal(["app1", "app2"], (await store.IncidentsAsync(new IncidentFilter(), Stop)).Items.Select(i => i.Destination));
        Assert.Equal("app1", Assert.Single((await store.IncidentsAsync(new IncidentFilter { OpenOnly = true }, Stop)).Items).Destination);
    }

    [Fact]
    public async Task Hostile_text_is_kept_harmless_and_harms_no_store()
    {
        await using var store = await ClaimedAsync();
        const string Evil = "a\0b'\";--\u202e\ud800\r\n<script>\\u0000%_";
        Gateway.Fail(path: "/" + Evil, route: "shop" + Evil, destination: "app" + Evil);
        await store.WriteAsync(Gateway.Batch(), Stop);

        var failure = Assert.Single((await store.FailuresAsync(new FailureFilter(), Stop)).Items);
        Assert.DoesNotContain(failure.Path, c => char.IsControl(c) || c is '\u202e' or '\ud800');
        Assert.NotNull((await store.FailureAsync(failure.Id, Stop))?.Event);
        Assert.NotNull(await store.IncidentAsync(failure.Incident, Stop));
    }

    [Fact]
    public async Task Findings_are_read_with_their_look()
    {
        await using var store = await ClaimedAsync();
        var e = Gateway.Fail();
        var look = new InvestigationFacts { Destination = "app1", Address = "127.0.0.1:5000", At = e.Time.AddSeconds(1), DurationMs = 12.5, NotSeen = [new BlindSpot("x", "y")] };
        var finding = new FindingEvent
        {
            Time = e.Time.AddSeconds(1),
            Incident = e.Incident,
            FailureId = e.Id,
            Route = e.Request.Route,
            Cluster = e.Request.Cluster,
            Cause = e.Diagnosis.Failure.Cause,
            Diagnosis = Explainer.Explain(new FailureFacts(e.Request, e.Attempts), e.Diagnosis.Failure, e.Diagnosis.Context, look),
        };
        Gateway.Intake.Take(finding, e);
        await store.WriteAsync(Gateway.Batch(), Stop);

        var whole = await store.IncidentAsync(e.Incident, Stop);
        Assert.Equal(FindingEventJson.ToLine(finding), FindingEventJson.ToLine(Assert.Single(whole!.Findings)));
    }

    [Fact]
    public async Task What_is_too_old_goes_and_what_is_open_stays()
    {
        await using var store = await ClaimedAsync();
        Gateway.Fail(destination: "old");
        Gateway.Succeed(destination: "old");
        Gateway.Fail(destination: "open");
        Gateway.Clock.Advance(TimeSpan.FromSeconds(10));
        await store.WriteAsync(Gateway.Batch(), Stop);
        Gateway.Clock.Advance(TimeSpan.FromDays(31));
        for (var i = 0; i < 4; i++) await store.BeatAsync(Stop);
        await store.TidyAsync(TimeSpan.FromDays(30), long.MaxValue, Stop);

        Assert.Equal("open", Assert.Single((await store.IncidentsAsync(new IncidentFilter(), Stop)).Items).Destination);
        Assert.Equal("open", Assert.Single((await store.FailuresAsync(new FailureFilter(), Stop)).Items).Destination);
    }

    [Fact]
    public async Task What_aGateway_that_is_gone_left_open_is_closed_after_a_day()
    {
        await using var gone = await ClaimedAsync();
        Gateway.Fail();
        await gone.WriteAsync(Gateway.Batch(), Stop);
        await using var other = await OpenAsync(Gateway.Clock);
        Gateway.Clock.Advance(TimeSpan.FromHours(25));
        await other.TidyAsync(TimeSpan.FromDays(30), long.MaxValue, Stop);
        Assert.Equal(IncidentStatus.Quiet, Assert.Single((await other.IncidentsAsync(new IncidentFilter(), Stop)).Items).Status);
    }

    [Fact]
    public async Task Above_its_size_samples_go_first_the_oldest_before_the_newest_and_first_samples_last()
    {
        await using var store = await ClaimedAsync();
        for (var i = 0; i < 400; i++)
        {
            Gateway.Fail();
            Gateway.Clock.Advance(TimeSpan.FromMilliseconds(200));
            if (i % 50 == 49) await store.WriteAsync(Gateway.Batch(), Stop);
        }

        await using var connection = await store.Database.OpenAsync(Stop);
        var size = await store.Database.SizeAsync(connection, Stop);
        await store.TidyAsync(TimeSpan.FromDays(30), size / 2, Stop);

        var left = await AllFailuresAsync(store);
        Assert.InRange(left.Count, 20, 300);
        var whole = (await store.IncidentAsync(left[0].Incident, Stop))!;
        Assert.Equal(400, whole.Incident.Count);
        Assert.Equal(5, whole.First.Count(f => f.Time < whole.Incident.FirstSeen.AddSeconds(1)));
        Assert.Equal(400 - left.Count, whole.NotKept);
        Assert.True(await store.Database.SizeAsync(connection, Stop) < size);
    }

    private static async Task<List<FailureEntry>> AllFailuresAsync(SqlStore store, FailureFilter? filter = null)
    {
        var all = new List<FailureEntry>();
        filter ??= new FailureFilter { Limit = ArchivePage.Largest };
        do
        {
            var page = await store.FailuresAsync(filter, Stop);
            all.AddRange(page.Items);
            filter = filter with { Cursor = page.Next };
        }
        while (filter.Cursor is not null);
        return all;
    }
}

public sealed class SqliteStoreTests : StoreTests, IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override async Task<SqlStore> OpenAsync(TimeProvider clock)
    {
        var store = new SqlStore(new SqliteDatabase(_folder.File("data/incidents.db")), clock);
        await store.PrepareAsync(Stop);
        return store;
    }
}

[Collection("PostgreSQL")]
public sealed class PostgresStoreTests(PostgresServer server) : StoreTests
{
    private string? _database;

    private protected override async Task<SqlStore> OpenAsync(TimeProvider clock)
    {
        var store = new SqlStore(new PostgresDatabase(_database ??= await server.NewDatabaseAsync()), clock);
        await store.PrepareAsync(Stop);
        return store;
    }
}

[CollectionDefinition("PostgreSQL")]
public sealed class OnePostgresServer : ICollectionFixture<PostgresServer>;
