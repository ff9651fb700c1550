using System.Collections.Concurrent;
using Polly;
using Polly.Retry;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>What is kept of a cluster between requests to keep its traffic flowing.</summary>
internal sealed class ClusterGuard
{
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<string, DestinationGate> _gates = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, FailureEvent> _lastFailures = new(StringComparer.OrdinalIgnoreCase);
    private readonly FullGates _full = new();
    private RetryLoop? _loop;
    private int _max = int.MaxValue;

    public ClusterGuard(TimeProvider clock, Action<string, bool> circuitChanged) =>
        (_clock, Budget, Circuits) = (clock, new RetryBudget(clock), new ClusterCircuits(clock, circuitChanged, LastFailure));

    public RetryBudget Budget { get; }

    public ClusterCircuits Circuits { get; }

    /// <summary>The last failure that was a destination's own; absent when it has had none.</summary>
    public FailureEvent? LastFailure(string destination) => _lastFailures.GetValueOrDefault(destination);

    /// <summary>
    /// A failure has been classified and told: whoever is turned away because of it is told the same. Not the client's own faults, nor what the app
    /// answered, unless the settings count that as a failure.
    /// </summary>
    public void Learn(FailureEvent failure, CircuitBreakerSettings settings)
    {
        if (failure.Diagnosis.Failure is not { Party: not Party.Client, Attempt: { } attempt }) return;
        if (attempt.End == AttemptEnd.Answered && !(attempt.UpstreamStatus is { } status && settings.OnStatus.Contains(status))) return;
        _lastFailures[attempt.Destination] = failure;
    }

    public DestinationGate GateOf(string destination) =>
        _gates.TryGetValue(destination, out var known) ? known : _gates.GetOrAdd(destination, static (_, guard) => new DestinationGate(guard._clock, guard._full), this);

    /// <summary>How many wait for their turn at a destination.</summary>
    public int WaitingAt(string destination) => _gates.TryGetValue(destination, out var gate) ? gate.Waiting : 0;

    /// <summary>Those with room for another request, when some have it and some have not; otherwise <c>null</c>.</summary>
    public IReadOnlyList<DestinationState>? WithRoom(IReadOnlyList<DestinationState> available, int max)
    {
        if (max != Volatile.Read(ref _max)) Heed(max);
        if (available.Count < 2 || !_full.Any) return null;
        List<DestinationState>? full = null;
        foreach (var destination in available)
        {
            if (_gates.TryGetValue(destination.DestinationId, out var gate) && !gate.HasRoom(max)) (full ??= []).Add(destination);
        }

        return full is null || full.Count == available.Count ? null : [.. available.Except(full)];
    }

    /// <summary>The limit is another one: what is full is so by the new one.</summary>
    private void Heed(int max)
    {
        Volatile.Write(ref _max, max);
        foreach (var (_, gate) in _gates) gate.Heed(max);
    }

    /// <summary>Polly's loop of tries and waits, made anew when the settings change.</summary>
    public ResiliencePipeline<RetryPlan> Retrying(RetrySettings settings)
    {
        var known = Volatile.Read(ref _loop);
        if (known is not null && ReferenceEquals(known.Settings, settings)) return known.Pipeline;
        var made = new RetryLoop(settings, Make(settings, _clock));
        Volatile.Write(ref _loop, made);
        return made.Pipeline;
    }

    private static ResiliencePipeline<RetryPlan> Make(RetrySettings settings, TimeProvider clock) => new ResiliencePipelineBuilder<RetryPlan> { TimeProvider = clock }
        .AddRetry(new RetryStrategyOptions<RetryPlan>
        {
            MaxRetryAttempts = Math.Max(1, settings.Attempts - 1),
            ShouldHandle = static a => new ValueTask<bool>(a.Outcome.Result.TriesAgain),
            // Decorrelated jitter around the median given; only for a destination that is asked again.
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = settings.Backoff,
            MaxDelay = settings.MaxBackoff,
            DelayGenerator = static a => new ValueTask<TimeSpan?>(a.Outcome.Result.Waits ? null : TimeSpan.Zero),
        })
        .Build();

    private sealed record RetryLoop(RetrySettings Settings, ResiliencePipeline<RetryPlan> Pipeline);
}
