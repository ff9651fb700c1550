using Polly;
using Polly.Retry;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>What is kept of a cluster between requests to keep its traffic flowing.</summary>
internal sealed class ClusterGuard(TimeProvider clock)
{
    private RetryLoop? _loop;

    public RetryBudget Budget { get; } = new(clock);

    /// <summary>Whether requests may be sent there now.</summary>
    public bool MayUse(DestinationState destination) => destination is not null;

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
