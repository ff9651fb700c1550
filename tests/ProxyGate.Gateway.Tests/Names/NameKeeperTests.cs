using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Names;
using ProxyGate.Gateway.Routing;
using ProxyGate.Investigation.Probing.Names;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Names;

public sealed class NameKeeperTests : IDisposable
{
    private readonly RouteSource _routes = new([], [new ClusterConfig
    {
        ClusterId = "app",
        Destinations = new Dictionary<string, DestinationConfig>
        {
            ["one"] = new() { Address = "http://app.internal:5000" },
            ["literal"] = new() { Address = "http://10.9.9.9:5000" },
            ["local"] = new() { Address = "http://localhost:5000" },
        },
    }]);

    private readonly HeardLog _log = new();
    private readonly NameChanges _changes = new();
    private readonly List<string> _told = [];

    public void Dispose() => _routes.Dispose();

    [Theory]
    [InlineData("http://app.internal:5000", "app.internal")]
    [InlineData("http://10.9.9.9:5000", null)]
    [InlineData("http://[::1]:5000", null)]
    [InlineData("http://localhost", null)]
    [InlineData("http://my.localhost", null)]
    public void Only_names_are_looked_up(string address, string? name) => Assert.Equal(name, NameKeeper.NameOf(new DestinationConfig { Address = address }));

    [Fact]
    public void A_changed_answer_is_told_and_another_order_is_no_change()
    {
        using var keeper = Keeper();
        keeper.Learn("app.internal", Found("10.0.0.1", "10.0.0.2"));
        Assert.Empty(_told);
        keeper.Learn("app.internal", Found("10.0.0.2", "10.0.0.1"));
        Assert.Empty(_told);
        keeper.Learn("app.internal", Found("10.0.0.2", "10.0.0.3"));
        Assert.Equal(["app.internal: 10.0.0.2, 10.0.0.3"], _told);
        Assert.Contains(_log.Lines, l => l.Contains("10.0.0.1, 10.0.0.2 has become 10.0.0.2, 10.0.0.3", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_good_answer_is_kept_and_that_is_said_once()
    {
        using var keeper = Keeper();
        keeper.Learn("app.internal", Found("10.0.0.1"));
        keeper.Learn("app.internal", new NameFound([], TimeSpan.Zero, SocketError.TimedOut, 2000));
        keeper.Learn("app.internal", new NameFound([], TimeSpan.Zero, SocketError.TimedOut, 2000));
        Assert.Equal(["10.0.0.1"], keeper.Of("app.internal").Addresses.Select(a => a.ToString()));
        Assert.Equal("dns_timeout", keeper.Of("app.internal").Cause);
        Assert.Single(_log.Lines, l => l.Contains("dns_timeout", StringComparison.Ordinal) && l.Contains("last good answer is kept: 10.0.0.1", StringComparison.Ordinal));
        keeper.Learn("app.internal", Found("10.0.0.1"));
        Assert.Null(keeper.Of("app.internal").Failing);
        Assert.Contains(_log.Lines, l => l.Contains("can be looked up again", StringComparison.Ordinal));
        Assert.Empty(_told);
    }

    [Fact]
    public void A_name_that_leads_nowhere_at_the_start_is_a_diagnosis()
    {
        using var keeper = Keeper();
        keeper.Learn("app.internal", new NameFound([], TimeSpan.Zero, SocketError.HostNotFound, 3));
        Assert.Contains(_log.Lines, l => l.Contains("dns_not_found", StringComparison.Ordinal) && l.Contains("app.internal", StringComparison.Ordinal));
        Assert.Empty(keeper.Of("app.internal").Addresses);
    }

    [Fact]
    public async Task Every_address_becomes_a_destination_and_a_changed_answer_other_ones()
    {
        using var keeper = Keeper();
        using var routes = new ResolvedRoutes(_routes, Settings(NameUse.All), keeper);
        Assert.Equal(["literal", "local", "one"], Ids(routes));
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        routes.GetConfig().ChangeToken.RegisterChangeCallback(_ => over.TrySetResult(), null);
        keeper.Learn("app.internal", Found("10.0.0.2", "10.0.0.1"));
        await over.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(["literal", "local", "one@10.0.0.1", "one@10.0.0.2"], Ids(routes));
        keeper.Learn("app.internal", Found("10.0.0.3"));
        Assert.Equal(["literal", "local", "one@10.0.0.3"], Ids(routes));
        keeper.Learn("app.internal", new NameFound([], TimeSpan.Zero, SocketError.HostNotFound, 3));
        Assert.Equal(["literal", "local", "one@10.0.0.3"], Ids(routes));
    }

    [Fact]
    public void A_name_stays_one_destination_where_the_cluster_wants_it_so()
    {
        using var keeper = Keeper();
        using var routes = new ResolvedRoutes(_routes, Settings(NameUse.Connect), keeper);
        keeper.Learn("app.internal", Found("10.0.0.2", "10.0.0.1"));
        Assert.Equal(["literal", "local", "one"], Ids(routes));
    }

    [Theory]
    [InlineData("one@10.0.0.1 one@10.0.0.2", "10.0.0.2", "10.0.0.1")]
    [InlineData("one@fd00::1 one@fd00::2", "fd00::1", "fd00::2")]
    [InlineData("one", "10.0.0.1")]
    [InlineData("one", "fd00::1", "10.0.0.1")]
    [InlineData("one", "fd00::1", "10.0.0.1", "10.0.0.2")]
    public void By_itself_several_addresses_of_one_family_are_several_destinations(string expected, params string[] addresses)
    {
        using var keeper = Keeper();
        using var routes = new ResolvedRoutes(_routes, Settings(new ClusterSettings().Resolve), keeper);
        keeper.Learn("app.internal", Found(addresses));
        Assert.Equal(["literal", "local", .. expected.Split(' ')], Ids(routes));
    }

    private NameKeeper Keeper()
    {
        _changes.Changed += (name, addresses) => _told.Add($"{name}: {string.Join(", ", addresses)}");
        return new NameKeeper(_routes, Settings(NameUse.All), _changes, (_, _, _) => Task.FromResult(Found()), TimeProvider.System, _log);
    }

    private static IOrderedEnumerable<string> Ids(ResolvedRoutes routes) => routes.GetConfig().Clusters[0].Destinations!.Keys.Order(StringComparer.Ordinal);

    private static NameFound Found(params string[] addresses) => new([.. addresses.Select(IPAddress.Parse)], TimeSpan.FromSeconds(30), null, 1);

    private static Fixed Settings(NameUse use) => new(new GatewaySettings { Clusters = new Dictionary<string, ClusterSettings> { ["app"] = new() { Resolve = use } } });

    private sealed class Fixed(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current => settings;

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }

    private sealed class HeardLog : ILogger<NameKeeper>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
