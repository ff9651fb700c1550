using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Balancing;

/// <summary>
/// Destinations take turns by their weights, evenly mixed as in nginx: with weights 5, 1 and 1 the first does not get five requests in a
/// row. Each turn every destination gains its weight, and the one chosen pays all of it back.
/// </summary>
internal sealed class WeightedRoundRobin(DestinationWeights weights) : ILoadBalancingPolicy
{
    /// <summary>Up to so many are looked at one by one: that costs less than any order among them.</summary>
    private const int Few = 16;

    private readonly ConditionalWeakTable<ClusterState, Credits> _credits = [];

    public string Name => "WeightedRoundRobin";

    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations)
    {
        var table = weights.Table(cluster, availableDestinations);
        var credits = _credits.GetValue(cluster, static _ => new Credits());
        lock (credits) return credits.Next(table);
    }

    /// <summary>What each destination of a cluster has to its credit. Those that are out of use keep theirs.</summary>
    private sealed class Credits
    {
        private readonly ConditionalWeakTable<DestinationState, StrongBox<long>> _each = [];
        private WeightedTurns? _turns;
        private WeightTable? _last;

        public DestinationState? Next(WeightTable table)
        {
            if (_turns is not null && ReferenceEquals(_turns.Table, table)) return _turns.Next();
            _turns?.Settle(Of);
            _turns = null;
            // An order is worth its making only for a list that stays.
            if (table.Weights.Length <= Few || !ReferenceEquals(_last, table))
            {
                _last = table;
                return LookAtAll(table);
            }

            _turns = new WeightedTurns(table, Of);
            return _turns.Next();
        }

        private DestinationState? LookAtAll(WeightTable table)
        {
            (DestinationState? Destination, StrongBox<long>? Credit) best = default;
            for (var i = 0; i < table.Weights.Length; i++)
            {
                if (table.Weights[i] == 0) continue;
                var credit = Of(table.Destinations[i]);
                credit.Value += table.Weights[i];
                if (best.Credit is null || credit.Value > best.Credit.Value) best = (table.Destinations[i], credit);
            }

            if (best.Credit is not null) best.Credit.Value -= table.Sum;
            return best.Destination;
        }

        private StrongBox<long> Of(DestinationState destination) => _each.GetValue(destination, static _ => new StrongBox<long>());
    }
}
