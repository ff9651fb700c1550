using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Balancing;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Tests.Balancing;

public sealed class BalancingTests
{
    private readonly ClusterState _cluster = new("app");

    [Fact]
    public void Weighted_round_robin_mixes_the_turns_evenly()
    {
        var policy = new WeightedRoundRobin(Weights(("a", 5), ("b", 1), ("c", 1)));
        var destinations = Destinations("a", "b", "c");
        var turns = Enumerable.Range(0, 14).Select(_ => Pick(policy, destinations)).ToList();
        Assert.Equal("aabacaaaabacaa", string.Concat(turns));
    }

    [Fact]
    public void A_weight_of_zero_gets_nothing_while_another_can_answer()
    {
        ILoadBalancingPolicy[] policies =
        [
            new WeightedRoundRobin(Weights(("a", 0), ("b", 3))), new WeightedLeastRequests(Weights(("a", 0), ("b", 3))), new ConsistentHash(Weights(("a", 0), ("b", 3))),
        ];
        foreach (var policy in policies)
        {
            Assert.All(Enumerable.Range(0, 50), n => Assert.Equal("b", Pick(policy, Destinations("a", "b"), client: n)));
            Assert.Equal("a", Pick(policy, Destinations("a")));
        }
    }

    [Fact]
    public void A_weight_may_stand_in_the_metadata_and_the_cluster_has_the_last_word()
    {
        var heavy = Destination("a", new Dictionary<string, string> { ["Weight"] = "4" });
        Assert.Equal(4, DestinationWeights.Of(heavy, new ClusterSettings()));
        Assert.Equal(2, DestinationWeights.Of(heavy, Balancing(("a", 2))));
        Assert.Equal(1, DestinationWeights.Of(Destination("b"), Balancing(("a", 2))));
    }

    [Fact]
    public void Weighted_least_requests_fills_each_up_to_its_weight()
    {
        var policy = new WeightedLeastRequests(Weights(("a", 3), ("b", 1)));
        var destinations = Destinations("a", "b");
        for (var n = 0; n < 40; n++)
        {
            var picked = policy.PickDestination(Context(0), _cluster, destinations)!;
            picked.ConcurrentRequestCount++;
        }

        Assert.Equal([30, 10], destinations.Select(d => d.ConcurrentRequestCount));
    }

    [Fact]
    public void Equal_destinations_take_turns_by_least_requests()
    {
        var policy = new WeightedLeastRequests(Weights());
        var counts = Enumerable.Range(0, 90).GroupBy(_ => Pick(policy, Destinations("a", "b", "c"))).ToDictionary(g => g.Key, g => g.Count());
        Assert.Equal(3, counts.Count);
        Assert.All(counts.Values, n => Assert.Equal(30, n));
    }

    [Fact]
    public void A_key_stays_where_it_is_and_only_the_keys_of_a_destination_that_goes_move()
    {
        var policy = new ConsistentHash(Weights());
        var all = Destinations("a", "b", "c", "d");
        var before = Enumerable.Range(0, 2000).Select(n => Pick(policy, all, n)).ToList();
        Assert.Equal(before, Enumerable.Range(0, 2000).Select(n => Pick(new ConsistentHash(Weights()), [.. Destinations("d", "b", "a", "c")], n)));
        var without = Enumerable.Range(0, 2000).Select(n => Pick(policy, [.. all.Where(d => d.DestinationId != "b")], n)).ToList();
        Assert.All(before.Zip(without), pair => Assert.True(pair.First == "b" || pair.First == pair.Second));
        Assert.All(before.GroupBy(d => d), group => Assert.InRange(group.Count(), 400, 600));
    }

    [Fact]
    public void Hashing_heeds_weights()
    {
        var policy = new ConsistentHash(Weights(("a", 3), ("b", 1)));
        var share = Enumerable.Range(0, 4000).Count(n => Pick(policy, Destinations("a", "b"), n) == "a") / 4000d;
        Assert.InRange(share, 0.71, 0.79);
    }

    [Fact]
    public void One_popular_key_cannot_drown_its_destination()
    {
        var policy = new ConsistentHash(Weights());
        var destinations = Destinations("a", "b", "c", "d");
        for (var n = 0; n < 100; n++) policy.PickDestination(Context(7), _cluster, destinations)!.ConcurrentRequestCount++;
        // 125 % of the average of 25, rounded up.
        Assert.All(destinations, d => Assert.InRange(d.ConcurrentRequestCount, 0, 32));
        Assert.Equal(100, destinations.Sum(d => d.ConcurrentRequestCount));
    }

    [Theory]
    [InlineData((int)HashKey.Header, "X-User", "X-User", "ann")]
    [InlineData((int)HashKey.Cookie, "session", "Cookie", "session=ann; other=1")]
    public void A_header_or_cookie_is_gone_by_and_without_it_the_address(int by, string name, string field, string value)
    {
        var balancing = new HashSettings { By = (HashKey)by, Name = name };
        var (one, other, bare) = (Context(1), Context(2), Context(1));
        one.Request.Headers[field] = other.Request.Headers[field] = value;
        Assert.Equal(ConsistentHash.KeyOf(one, balancing), ConsistentHash.KeyOf(other, balancing));
        Assert.Equal(ConsistentHash.KeyOf(bare, new HashSettings()), ConsistentHash.KeyOf(bare, balancing));
        Assert.NotEqual(ConsistentHash.KeyOf(one, balancing), ConsistentHash.KeyOf(bare, balancing));
    }

    [Fact]
    public void The_path_is_gone_by_without_its_query()
    {
        var balancing = new HashSettings { By = HashKey.Path };
        var (one, other) = (Context(1), Context(2));
        (one.Request.Path, other.Request.Path, other.Request.QueryString) = ("/film/1", "/film/1", new QueryString("?part=2"));
        Assert.Equal(ConsistentHash.KeyOf(one, balancing), ConsistentHash.KeyOf(other, balancing));
    }

    private string Pick(ILoadBalancingPolicy policy, IReadOnlyList<DestinationState> destinations, int client = 1) =>
        policy.PickDestination(Context(client), _cluster, destinations)!.DestinationId;

    private static DefaultHttpContext Context(int client) => new() { Connection = { RemoteIpAddress = new IPAddress([10, 0, (byte)(client >> 8), (byte)client]) } };

    private static DestinationState[] Destinations(params string[] ids) => [.. ids.Select(id => Destination(id))];

    private static DestinationState Destination(string id, IReadOnlyDictionary<string, string>? metadata = null) =>
        new(id, new DestinationModel(new DestinationConfig { Address = $"http://{id}/", Metadata = metadata }));

    private static ClusterSettings Balancing(params (string Id, int Weight)[] weights) => new() { Weights = weights.ToDictionary(w => w.Id, w => w.Weight) };

    private static DestinationWeights Weights(params (string Id, int Weight)[] weights) => new(new FixedSettings(new GatewaySettings
    {
        Clusters = new Dictionary<string, ClusterSettings> { ["app"] = Balancing(weights) },
    }));

    private sealed class FixedSettings(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current => settings;

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
