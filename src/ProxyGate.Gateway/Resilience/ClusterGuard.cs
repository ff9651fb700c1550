using System.Collections.Concurrent;
using Polly;
using Polly.Retry;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>What is kept of a cluster between requests to keep its traffic flowing.</summary>
internal sealed class ClusterGuard(TimeProvider clock, Action<string, bool> circuitChanged)
{
    private readonly ConcurrentDictionary<string, DestinationGate> _gates = new(StringComparer.OrdinalIgnoreCase);
    private RetryLoop? _loop;

    public RetryBudget Budget { get; } = new(clock);

    public ClusterCircuits Circuits { get; } = new(clock, circuitChanged);

    public DestinationGate GateOf(string destination) =>
        _gates.TryGetValue(destination, out var known) ? known : _gates.GetOrAdd(destination, static (_, time) => new DestinationGate(time), clock);

    /// <summary>How many wait for their turn at a destination.</summary>
    public int WaitingAt(string destination) => _gates.TryGetValue(destination, out var gate) ? gate.Waiting : 0;

    /// <summary>Those with room for another request, when some have it and some have not; otherwise <c>null</c>.</summary>
    public IReadOnlyList<DestinationState>? WithRoom(IReadOnlyList<DestinationState> available, int max)
    {
        if (available.Count < 2) return null;
        List<DestinationState>? full = null;
        foreach (var destination in available)
        {
            if (!GateOf(destination.DestinationId).HasRoom(max)) (full ??= []).Add(destination);
        }

        return full is null || full.Count == available.Count ? null : [.. available.Except(full)];
    }

    /// <summary>Polly's loop of tries and waits, made anew when the settings change.</summary>
    public ResiliencePipeline<RetryPlan> Retrying(RetrySettings settings)
    {
        var known = Volatile.Read(ref _loop);
        if (known is not null && ReferenceEquals(known.Settings, settings)) return known.Pipeline;
        var made = new RetryLoop(settings, Make(settings, clock));
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
