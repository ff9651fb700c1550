using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Investigating;

namespace ProxyGate.Gateway.Tests.Investigating;

public sealed class LookBookTests
{
    private static readonly DestinationKey Key = new("app", "app-1");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_destination_is_looked_at_once_in_thirty_seconds()
    {
        var book = new LookBook(_clock);
        Assert.True(book.TryBegin(Key));
        Assert.False(book.TryBegin(Key));
        _clock.Advance(TimeSpan.FromSeconds(29.9));
        Assert.False(book.TryBegin(Key));
        Assert.True(book.TryBegin(Key with { Destination = "app-2" }));
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(book.TryBegin(Key));
    }

    [Fact]
    public async Task Of_many_at_once_one_begins()
    {
        var book = new LookBook(_clock);
        using var start = new Barrier(8);
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return book.TryBegin(Key);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default)));
        Assert.Single(begun, b => b);
    }

    [Fact]
    public void A_look_that_was_never_taken_gives_its_turn_back()
    {
        var book = new LookBook(_clock);
        Assert.True(book.TryBegin(Key));
        book.Withdraw(Key);
        Assert.True(book.TryBegin(Key));
    }

    [Fact]
    public void What_was_seen_is_told_while_it_is_fresh_and_of_the_same_address()
    {
        var book = new LookBook(_clock);
        var attempt = ExampleFailures.Verdict(CauseId.ConnectRefused).Attempt! with { Destination = "app-1", Address = "127.0.0.1:5000" };
        Assert.Null(book.Find("app", attempt, _clock.GetUtcNow()));
        book.TryBegin(Key);
        book.Put(Key, Finding("127.0.0.1:5000"));
        Assert.NotNull(book.Find("app", attempt, _clock.GetUtcNow().AddSeconds(60)));
        Assert.Null(book.Find("app", attempt, _clock.GetUtcNow().AddSeconds(61)));
        Assert.Null(book.Find("app", attempt with { Address = "127.0.0.2:5000" }, _clock.GetUtcNow()));
        Assert.Null(book.Find("other", attempt, _clock.GetUtcNow()));
        Assert.NotNull(book.OfIncident("inc-1"));
    }

    [Fact]
    public void Destinations_a_reload_removed_are_forgotten()
    {
        var book = new LookBook(_clock);
        book.TryBegin(Key);
        book.Put(Key, Finding("127.0.0.1:5000"));
        book.Keep(new HashSet<DestinationKey> { new("app", "app-2") });
        Assert.Null(book.OfIncident("inc-1"));
        Assert.True(book.TryBegin(Key));
    }

    [Fact]
    public async Task Looks_begin_at_most_so_often_in_a_second()
    {
        var pace = new Pace(2, _clock);
        await pace.WaitAsync(TestContext.Current.CancellationToken);
        await pace.WaitAsync(TestContext.Current.CancellationToken);
        var third = pace.WaitAsync(TestContext.Current.CancellationToken);
        Assert.False(third.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await third;
    }

    [Fact]
    public void A_recovery_is_told_once_and_only_after_a_look()
    {
        var recoveries = new Recoveries();
        var told = 0;
        recoveries.Recovered += () => told++;
        recoveries.Worked("app", "app-1");
        Assert.Equal(0, told);
        recoveries.Failed(Key);
        recoveries.Worked("app", "app-2");
        recoveries.Worked("app", "app-1");
        recoveries.Worked("app", "app-1");
        Assert.Equal(1, told);
    }

    [Fact]
    public void Another_certificate_than_the_one_that_worked_is_a_change()
    {
        var certificates = new WorkingCertificates();
        var before = new CertificateFacts { Subject = "CN=app", Issuer = "CN=root", Names = ["app"], NotBefore = _clock.GetUtcNow().AddDays(-90), NotAfter = _clock.GetUtcNow().AddDays(1) };
        var look = new InvestigationFacts { Destination = "app-1", Address = "10.0.0.5:8443", At = _clock.GetUtcNow(), DurationMs = 1, Service = new ServiceFacts { Connected = true, Certificate = before } };
        Assert.Empty(certificates.Compare(Key, null, look));
        certificates.Worked("app", "app-1", before);
        Assert.Empty(certificates.Compare(Key, null, look));
        var after = before with { NotBefore = _clock.GetUtcNow() };
        var change = Assert.Single(certificates.Compare(Key, null, look with { Service = look.Service! with { Certificate = after } }));
        Assert.Equal(ChangeKind.CertificateChanged, change.What);
        Assert.Contains("2026-11-24", change.After, StringComparison.Ordinal);
    }

    private FindingEvent Finding(string address)
    {
        var (facts, failure) = (ExampleFailures.All[CauseId.ConnectRefused], ExampleFailures.Verdict(CauseId.ConnectRefused));
        return new FindingEvent
        {
            Time = _clock.GetUtcNow(),
            Incident = "inc-1",
            FailureId = "k7mq-3f9x",
            Route = "shop",
            Cluster = "app",
            Cause = failure.Cause,
            Diagnosis = Explainer.Explain(facts, failure, null, new InvestigationFacts { Destination = "app-1", Address = address, At = _clock.GetUtcNow(), DurationMs = 1 }),
        };
    }
}
