using System.Net;
using ProxyGate.Investigation.Probing.Names;

namespace ProxyGate.Investigation.Tests.Probing.Names;

public sealed class NameQueryTests : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(1200);
    private readonly FaultyNameServer _server = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task An_answer_comes_with_how_long_it_may_be_kept_and_a_changed_one_is_seen()
    {
        var found = await AskAsync("app.test");
        Assert.Equal([IPAddress.Parse("10.0.0.4")], found.Addresses);
        Assert.Equal((TimeSpan.FromSeconds(60), null), (found.Keep, found.Error));
        _server.App = "10.0.0.9";
        Assert.Equal([IPAddress.Parse("10.0.0.9")], (await AskAsync("app.test")).Addresses);
    }

    [Fact]
    public async Task The_shortest_time_on_the_way_counts() => Assert.Equal(TimeSpan.FromSeconds(30), (await AskAsync("alias.test")).Keep);

    [Fact]
    public async Task The_hosts_file_comes_first()
    {
        var settings = Settings() with { Hosts = [(IPAddress.Parse("10.1.1.1"), "app.test")] };
        Assert.Equal([IPAddress.Parse("10.1.1.1")], (await new NameQuery(TimeProvider.System) { Settings = settings }.AskAsync("app.test", s_limit, TestContext.Current.CancellationToken)).Addresses);
    }

    [Theory]
    [InlineData("nx.invalid")]
    [InlineData("a..b.invalid")]
    public async Task A_name_that_nobody_knows_has_an_error_and_no_address(string name)
    {
        var found = await AskAsync(name);
        Assert.Empty(found.Addresses);
        Assert.NotNull(found.Error);
    }

    private Task<NameFound> AskAsync(string name) =>
        new NameQuery(TimeProvider.System) { Settings = Settings() }.AskAsync(name, s_limit, TestContext.Current.CancellationToken);

    private ResolverSettings Settings() => new() { Servers = [_server.Address.Address], Port = _server.Address.Port };
}
