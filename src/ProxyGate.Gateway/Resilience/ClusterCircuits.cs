using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>The circuits of a cluster's destinations. While none has failed, all that is paid is a look at two fields.</summary>
internal sealed class ClusterCircuits(TimeProvider clock, Action<string, bool> changed, Func<string, FailureEvent?> lastFailure)
{
    private readonly ConcurrentDictionary<string, Guarded> _destinations = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private volatile Guarded[] _open = [];
    private volatile Sorted? _sorted;
    private volatile bool _troubled;

    public bool IsOpen(DestinationState destination) => _open.Length > 0 && OpenAt(destination) is not null;

    private Guarded? OpenAt(DestinationState destination) =>
        _destinations.TryGetValue(destination.DestinationId, out var known) && known.Circuit.IsOpen && known.Address == destination.Model.Config.Address ? known : null;

    /// <summary>Where a request may go now: past the open ones, or as the trial of one that is due.</summary>
    public Passage Choose(in GuardedRequest request)
    {
        if (_open.Length == 0) return Passage.Free;
        var method = request.Context.Request.Method;
        var inUse = request.InUse;
        var sorted = Sort(request.Proxy.AvailableDestinations, inUse);
        // A session held to a destination that is down is better served elsewhere than not at all.
        if (sorted is { Closed.Count: 0, Open.Length: > 0 }) sorted = Sort(inUse, inUse);
        if (sorted.Open.Length == 0) return Passage.Free;
        foreach (var (_, known) in sorted.Open) known.Probe.Wanted();
        if (sorted.Closed.Count == 0 || HttpMethods.IsGet(method) || HttpMethods.IsHead(method))
        {
            foreach (var (destination, known) in sorted.Open)
            {
                if (known.Circuit.TryBeginTrial()) return new Passage([destination], known.Circuit, null);
            }
        }

        if (sorted.Closed.Count > 0) return new Passage(sorted.Closed, null, null);
        var first = sorted.Open[0].Known.Circuit;
        var last = lastFailure(first.Destination);
        return new Passage(null, null, first.ToFacts(sorted.Open.Length, last)) { OpenedBy = last };
    }

    /// <summary>
    /// The open and the closed of these destinations. Of those in use it is kept until a circuit opens or closes: a request then pays for the open
    /// ones, not for the thousand that are well.
    /// </summary>
    private Sorted Sort(IReadOnlyList<DestinationState> destinations, IReadOnlyList<DestinationState> inUse)
    {
        var now = _open;
        var kept = _sorted;
        // A circuit that has just closed is still among the open for a moment.
        if (kept is not null && ReferenceEquals(kept.Of, destinations) && ReferenceEquals(kept.At, now) && Array.TrueForAll(kept.Open, static o => o.Known.Circuit.IsOpen)) return kept;
        var closed = new List<DestinationState>(destinations.Count);
        var open = new List<(DestinationState, Guarded)>();
        foreach (var destination in destinations)
        {
            if (OpenAt(destination) is { } known) open.Add((destination, known));
            else closed.Add(destination);
        }

        var sorted = new Sorted(destinations, now, closed, [.. open]);
        if (ReferenceEquals(destinations, inUse)) _sorted = sorted;
        return sorted;
    }

    /// <summary>Tells a destination's circuit how an attempt there ended.</summary>
    public void Judge(DestinationState? destination, Attempt? attempt, DestinationCircuit? trial, CircuitBreakerSettings settings)
    {
        if (destination is null || attempt is null || !settings.Enabled)
        {
            trial?.TrialSaidNothing();
            return;
        }

        if (!_troubled && attempt is { End: AttemptEnd.Answered } && settings.OnStatus.Count == 0) return;
        switch (Judgement(attempt, settings))
        {
            case null:
                trial?.TrialSaidNothing();
                break;
            case false when trial is not null:
                trial.Close();
                Recount();
                changed(trial.Destination, false);
                break;
            case false when _troubled && _destinations.TryGetValue(destination.DestinationId, out var known):
                if (known.Circuit.Answered()) Recount();
                break;
            case true:
                _troubled = true;
                Of(destination, settings, attempt.Timeouts).Circuit.Failed(FailedToConnect(attempt), trial is not null);
                break;
        }
    }

    /// <summary>Whether an attempt counts as a failure of its destination; <c>null</c>: it says nothing of it.</summary>
    private static bool? Judgement(Attempt attempt, CircuitBreakerSettings settings) => attempt.End switch
    {
        AttemptEnd.Answered => attempt.UpstreamStatus is { } status && settings.OnStatus.Contains(status),
        AttemptEnd.ConnectFailed when attempt.SocketError is SocketError.AddressNotAvailable or SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable => null, // our own want
        AttemptEnd.DnsFailed or AttemptEnd.ConnectFailed or AttemptEnd.TlsFailed => true,
        // A connection that had been idle tells of its age; and the limit of the whole request, of many things.
        AttemptEnd.PeerClosed or AttemptEnd.PeerReset or AttemptEnd.Http2Error => attempt is { RequestNumber: > 1, BytesReceived: 0 } ? null : true,
        AttemptEnd.TimedOut => attempt.TimedOut == TimeoutPhase.Total ? null : true,
        AttemptEnd.ClientGone or AttemptEnd.GatewayFault or AttemptEnd.Unknown or null => null,
        // It answers, if badly: that is the app's own affair.
        _ => false,
    };

    private static bool FailedToConnect(Attempt attempt) => attempt.End is AttemptEnd.ConnectFailed or AttemptEnd.DnsFailed || attempt is { End: AttemptEnd.TimedOut, TimedOut: TimeoutPhase.Dns or TimeoutPhase.Connect };

    private Guarded Of(DestinationState destination, CircuitBreakerSettings settings, TimeoutSettings timeouts)
    {
        // Another address is another destination, whatever it is called.
        var address = destination.Model.Config.Address;
        if (_destinations.TryGetValue(destination.DestinationId, out var known) && known.IsFor(address, settings)) return known;
        lock (_lock)
        {
            if (_destinations.TryGetValue(destination.DestinationId, out known) && known.IsFor(address, settings)) return known;
            var circuit = new DestinationCircuit(destination.DestinationId, settings, clock) { Opened = Opened };
            var made = new Guarded(address, circuit, new CircuitProbe(circuit, address, timeouts, clock));
            _destinations[destination.DestinationId] = made;
            Recount();
            return made;
        }
    }

    private void Opened(DestinationCircuit circuit)
    {
        Recount();
        changed(circuit.Destination, true);
        if (circuit.FailsToConnect && _destinations.TryGetValue(circuit.Destination, out var known)) known.Probe.Start();
    }

    private void Recount()
    {
        lock (_lock)
        {
            _open = [.. _destinations.Values.Where(g => g.Circuit.IsOpen)];
            if (_destinations.Values.All(g => !g.Circuit.IsTroubled)) _troubled = false;
        }
    }

    private sealed record Sorted(IReadOnlyList<DestinationState> Of, Guarded[] At, IReadOnlyList<DestinationState> Closed, (DestinationState Destination, Guarded Known)[] Open);

    private sealed record Guarded(string Address, DestinationCircuit Circuit, CircuitProbe Probe)
    {
        public bool IsFor(string address, CircuitBreakerSettings settings) => Address == address && ReferenceEquals(Circuit.Settings, settings);
    }
}

/// <summary>Where a request may go.</summary>
/// <param name="Destinations">These only; absent: wherever it would have gone, or nowhere.</param>
/// <param name="Trial">The circuit whose trial this request is.</param>
/// <param name="TurnedAway">Why it may go nowhere.</param>
internal readonly record struct Passage(IReadOnlyList<DestinationState>? Destinations, DestinationCircuit? Trial, OpenCircuitFacts? TurnedAway)
{
    public static Passage Free => default;

    /// <summary>Wherever it would have gone, as if there were no circuits.</summary>
    public bool IsFree => Destinations is null && Trial is null && TurnedAway is null;

    /// <summary>The last failure of the destination that it is turned away from.</summary>
    public FailureEvent? OpenedBy { get; init; }
}
