using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Balancing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Resilience;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Tests.Balancing;

/// <summary>However a policy finds its destination, it is the one that its rule gives when every destination is looked at.</summary>
public sealed class PlainRuleTests
{
    private static readonly int[][] s_weights = [[1], [1, 2], [5, 1, 1], [0, 1, 3], [0], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 50, 100]];

    private readonly ClusterState _cluster = new("app");

    [Fact]
    public void Weighted_round_robin_takes_turns_by_the_plain_rule_whatever_comes_and_goes()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (random, all, weights) = Some(seed);
            var policy = new WeightedRoundRobin(weights);
            var credits = all.ToDictionary(d => d, _ => 0L);
            IReadOnlyList<DestinationState> list = all;
            for (var n = 0; n < 300; n++)
            {
                if (random.Next(40) == 0) list = [.. all.Where(_ => random.Next(5) > 0)];
                Assert.Equal(PlainTurn(list, weights, credits)?.DestinationId, policy.PickDestination(Client(0), _cluster, list)?.DestinationId);
            }
        }
    }

    [Fact]
    public void Weighted_least_requests_finds_the_least_by_the_plain_rule()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (random, all, weights) = Some(seed);
            var policy = new WeightedLeastRequests(weights);
            for (var n = 1; n < 200; n++)
            {
                Busy(random, all);
                Assert.Equal(PlainLeast(all, weights, (uint)n).DestinationId, policy.PickDestination(Client(0), _cluster, all)!.DestinationId);
            }
        }
    }

    [Fact]
    public void A_key_goes_where_the_plain_rule_sends_it()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var (random, all, weights) = Some(seed);
            var policy = new ConsistentHash(weights);
            for (var n = 0; n < 200; n++)
            {
                Busy(random, all);
                var client = Client(random.Next(50));
                Assert.Equal(PlainHash(all, weights, client).DestinationId, policy.PickDestination(client, _cluster, all)!.DestinationId);
            }
        }
    }

    [Fact]
    public async Task Destinations_with_room_are_found_by_the_plain_rule_also_when_the_limit_changes()
    {
        var random = new Random(7);
        var all = Enumerable.Range(0, 40).Select(n => Destination($"d{n}")).ToArray();
        var guard = new ClusterGuard(TimeProvider.System, static (_, _) => { });
        var underWay = all.ToDictionary(d => d.DestinationId, _ => 0);
        var settings = new ConcurrencySettings { Queue = 0 };
        var max = 3;
        for (var n = 0; n < 4000; n++)
        {
            if (random.Next(300) == 0) max = random.Next(1, 6);
            var id = all[random.Next(random.Next(2) == 0 ? 3 : all.Length)].DestinationId;
            if (random.Next(2) == 0 && underWay[id] > 0)
            {
                guard.GateOf(id).Leave();
                underWay[id]--;
            }
            else if (await guard.GateOf(id).EnterAsync(max, settings, CancellationToken.None))
            {
                underWay[id]++;
            }

            var room = all.Select(d => d.DestinationId).Where(d => underWay[d] < max).ToList();
            Assert.Equal(room.Count == all.Length || room.Count == 0 ? null : room, guard.WithRoom(all, max)?.Select(d => d.DestinationId));
        }
    }

    private static DestinationState? PlainTurn(IReadOnlyList<DestinationState> list, DestinationWeights weights, Dictionary<DestinationState, long> credits)
    {
        var each = WeightsOf(list, weights);
        DestinationState? best = null;
        for (var i = 0; i < each.Length; i++)
        {
            if (each[i] == 0) continue;
            credits[list[i]] += each[i];
            if (best is null || credits[list[i]] > credits[best]) best = list[i];
        }

        if (best is not null) credits[best] -= each.Sum();
        return best;
    }

    private static DestinationState PlainLeast(DestinationState[] list, DestinationWeights weights, uint turn)
    {
        var each = WeightsOf(list, weights);
        var start = (int)(turn % (uint)list.Length);
        return Enumerable.Range(0, list.Length).Select(s => (start + s) % list.Length).Where(i => each[i] > 0)
            .Select(i => (Destination: list[i], Load: (list[i].ConcurrentRequestCount + 1) / (decimal)each[i])).MinBy(d => d.Load).Destination;
    }

    private static DestinationState PlainHash(DestinationState[] list, DestinationWeights weights, HttpContext client)
    {
        var each = WeightsOf(list, weights);
        var hash = new HashSettings();
        var key = ConsistentHash.KeyOf(client, hash);
        var requests = 1 + list.Sum(d => d.ConcurrentRequestCount);
        var byScore = Enumerable.Range(0, list.Length).Where(i => each[i] > 0).OrderByDescending(i => ConsistentHash.Score(key, list[i].DestinationId, each[i])).ToList();
        var within = byScore.Where(i => list[i].ConcurrentRequestCount + 1 <= Math.Ceiling(hash.Bound / 100d * requests * each[i] / each.Sum())).ToList();
        return list[within.Count > 0 ? within[0] : byScore[0]];
    }

    private static int[] WeightsOf(IReadOnlyList<DestinationState> list, DestinationWeights weights)
    {
        var own = weights.For(new ClusterState("app"));
        int[] each = [.. list.Select(d => DestinationWeights.Of(d, own))];
        return each.Any(w => w > 0) ? each : [.. each.Select(_ => 1)];
    }

    /// <summary>Few or many destinations, of one weight or several.</summary>
    private static (Random Random, DestinationState[] All, DestinationWeights Weights) Some(int seed)
    {
        var random = new Random(seed);
        var all = Enumerable.Range(0, new[] { 1, 2, 5, 16, 17, 40, 120 }[seed % 7]).Select(n => Destination($"d{n}")).ToArray();
        var given = s_weights[seed % s_weights.Length];
        var weights = all.ToDictionary(d => d.DestinationId, _ => given[random.Next(given.Length)]);
        return (random, all, new DestinationWeights(new FixedSettings(new GatewaySettings { Clusters = new Dictionary<string, ClusterSettings> { ["app"] = new() { Weights = weights } } })));
    }

    /// <summary>From all idle to none.</summary>
    private static void Busy(Random random, DestinationState[] all)
    {
        var most = random.Next(4);
        foreach (var destination in all) destination.ConcurrentRequestCount = random.Next(most + 1) * random.Next(2);
    }

    private static DefaultHttpContext Client(int number) => new() { Connection = { RemoteIpAddress = new IPAddress([10, 0, 0, (byte)number]) } };

    private static DestinationState Destination(string id) => new(id, new DestinationModel(new DestinationConfig { Address = $"http://{id}/" }));

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
