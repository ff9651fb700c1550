using System.Net;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing;
using ProxyGate.Investigation.Probing.Names;

namespace ProxyGate.Investigation.Tests.Probing.Names;

public sealed class NameLookTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(1200);
    private readonly FaultyNameServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("app.test", NameOutcome.Answered, NameOutcome.NoData)]
    [InlineData("dual.test", NameOutcome.Answered, NameOutcome.Answered)]
    [InlineData("nx.test", NameOutcome.NxDomain, NameOutcome.NxDomain)]
    [InlineData("nodata.test", NameOutcome.NoData, NameOutcome.NoData)]
    [InlineData("servfail.test", NameOutcome.ServFail, NameOutcome.ServFail)]
    [InlineData("notimp.test", NameOutcome.ServFail, NameOutcome.ServFail)]
    [InlineData("refused.test", NameOutcome.Refused, NameOutcome.Refused)]
    [InlineData("silent.test", NameOutcome.TimedOut, NameOutcome.TimedOut)]
    [InlineData("malformed.test", NameOutcome.Malformed, NameOutcome.Malformed)]
    [InlineData("loop.test", NameOutcome.Malformed, NameOutcome.Malformed)]
    [InlineData("forged.test", NameOutcome.Answered, NameOutcome.NoData)]
    public async Task Each_record_type_is_asked_for_and_each_failure_told_apart(string name, NameOutcome four, NameOutcome six)
    {
        var seen = await LookAsync(name, Settings());
        output.WriteLine($"{name}: {string.Join(", ", seen.Answers.Select(a => $"{a.Type} {a.Outcome} {a.DurationMs:0} ms"))}");
        Assert.Equal([("A", four), ("AAAA", six)], seen.Answers.Select(a => (a.Type, a.Outcome)));
        Assert.Equal(four == NameOutcome.Answered, seen.Addresses.Count > 0);
        Assert.DoesNotContain("6.6.6.6", seen.Answers.SelectMany(a => a.Addresses));
    }

    [Fact]
    public async Task Each_server_is_asked_by_itself_and_one_that_is_not_there_is_named()
    {
        await using var second = new FaultyNameServer("127.0.0.2", _server.Address.Port) { App = "10.0.0.9" };
        var seen = await LookAsync("app.test", Settings() with { Servers = [IPAddress.Parse("127.0.0.3"), IPAddress.Loopback, IPAddress.Parse("127.0.0.2")] });
        Assert.Equal([NameOutcome.Unreachable, NameOutcome.Answered, NameOutcome.Answered], seen.Answers.Where(a => a.Type == "A").Select(a => a.Outcome));
        Assert.Equal("its port refused", seen.Answers[0].Detail);
        Assert.Equal([IPAddress.Parse("10.0.0.4")], seen.Addresses);
    }

    [Fact]
    public async Task A_cut_answer_is_asked_for_again_over_tcp()
    {
        var seen = await LookAsync("large.test", Settings());
        Assert.Equal(60, seen.Answers[0].Addresses.Count);
    }

    [Fact]
    public async Task A_server_that_cuts_its_answer_and_gives_none_over_tcp_is_said_to()
    {
        var seen = await LookAsync("cutoff.test", Settings());
        Assert.Equal(NameOutcome.Unreachable, seen.Answers[0].Outcome);
        Assert.Contains("over TCP", seen.Answers[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alias_is_followed_and_records_of_other_names_are_not()
    {
        var seen = await LookAsync("alias.test", Settings());
        Assert.Equal(["10.0.0.7"], seen.Answers[0].Addresses);
        Assert.Equal(("real.xy", 30), (seen.Answers[0].Alias, seen.Answers[0].TtlSeconds));
    }

    [Fact]
    public async Task Search_domains_come_first_for_short_names_and_last_for_long_ones()
    {
        var settings = Settings() with { Search = ["one.test", "two.test"], Dots = 2 };
        await LookAsync("nx.short", settings);
        Assert.Equal(["nx.short.one.test/1", "nx.short.two.test/1", "nx.short/1"], Asked());

        var found = await LookAsync("app", settings);
        Assert.Equal("app.one.test", found.Answers[0].Asked);

        _server.Asked.Clear();
        await LookAsync("nx.a.long", settings);
        Assert.Equal(["nx.a.long/1", "nx.a.long.one.test/1", "nx.a.long.two.test/1"], Asked());

        _server.Asked.Clear();
        await LookAsync("nx.", settings);
        Assert.Equal(["nx/1"], Asked());
    }

    [Fact]
    public async Task The_hosts_file_comes_before_every_server_and_is_named()
    {
        var settings = ResolverSettings.Parse("nameserver 127.0.0.1", "127.0.0.1 localhost\n10.1.2.3  App.test alias # 6.6.6.6\n::7 app.test\n", "hosts: files dns mymachines\n");
        var seen = await LookAsync("app.test", settings);
        Assert.Equal([("/etc/hosts", "10.1.2.3"), ("/etc/hosts", "::7")], seen.Answers.Select(a => (a.Server, a.Addresses.Single())));
        Assert.Contains("mymachines", Assert.Single(seen.NotSeen).What, StringComparison.Ordinal);
    }

    [Fact]
    public void The_resolvers_settings_are_read_as_the_system_reads_them()
    {
        var settings = ResolverSettings.Parse("# nameserver 6.6.6.6\ndomain a.test\nnameserver 10.0.0.1\nnameserver fd00::1\nnameserver 10.0.0.3\nnameserver 10.0.0.4\nsearch b.test c.test.\noptions rotate ndots:5 timeout:1\n", "", "");
        Assert.Equal(["10.0.0.1", "fd00::1", "10.0.0.3"], settings.Servers.Select(s => s.ToString()));
        Assert.Equal((5, "b.test c.test"), (settings.Dots, string.Join(' ', settings.Search)));
        Assert.Equal([IPAddress.Loopback], ResolverSettings.Parse("", "", "").Servers);
    }

    [Fact]
    public async Task An_answer_that_is_not_what_it_was_is_a_change()
    {
        var memory = new DnsMemory();
        memory.Remember("app.test", [IPAddress.Parse("10.0.0.3")]);
        var probe = new ProbeLook(TimeProvider.System, () => Settings());
        var question = new Question { Destination = "d", ConfiguredUrl = "http://app.test:8080", Cause = "dns_failed", FailedAt = DateTimeOffset.UnixEpoch, Address = new IPEndPoint(IPAddress.Parse("10.0.0.3"), 8080) };

        var changed = await probe.LookAsync(question, memory, TestContext.Current.CancellationToken);
        var change = Assert.Single(changed.Changes);
        Assert.Equal((ChangeKind.DnsAnswerChanged, "10.0.0.3", "10.0.0.4"), (change.What, change.Before, change.After));

        memory.Remember("APP.test", [IPAddress.Parse("10.0.0.4")]);
        var same = await probe.LookAsync(question with { Address = new IPEndPoint(IPAddress.Parse("10.0.0.4"), 8080) }, memory, TestContext.Current.CancellationToken);
        Assert.Empty(same.Changes);
    }

    [Fact]
    public void Another_part_of_a_large_set_is_no_change()
    {
        var memory = new DnsMemory();
        IPAddress[] before = [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")];
        memory.Remember("pool.test", before);
        Assert.Null(memory.Compare("pool.test", [IPAddress.Parse("10.0.0.3"), before[1]], before[1], DateTimeOffset.UnixEpoch));
        Assert.Null(memory.Compare("pool.test", [IPAddress.Parse("10.0.0.3"), before[1]], null, DateTimeOffset.UnixEpoch));
        Assert.NotNull(memory.Compare("pool.test", [IPAddress.Parse("10.0.0.3"), before[1]], before[0], DateTimeOffset.UnixEpoch));
        Assert.Null(memory.Compare("pool.test", [], before[0], DateTimeOffset.UnixEpoch));
    }

    private ResolverSettings Settings() => new() { Servers = [IPAddress.Loopback], Port = _server.Address.Port };

    private static Task<NamesSeen> LookAsync(string name, ResolverSettings settings) =>
        new NameLook(settings, TimeProvider.System).LookAsync(name, s_limit, TestContext.Current.CancellationToken);

    private string[] Asked()
    {
        lock (_server.Asked) return [.. _server.Asked.Where(a => a.EndsWith("/1", StringComparison.Ordinal))];
    }
}
