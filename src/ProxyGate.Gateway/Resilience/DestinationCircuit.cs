using Polly;
using Polly.CircuitBreaker;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// The circuit of one destination. Polly judges the outcomes and opens it; while it is open one request at a time is let through as a
/// trial, which closes it when it is answered. Asking whether a request may pass raises no exception and takes no lock.
/// </summary>
internal sealed class DestinationCircuit
{
    private static readonly TimeSpan LongestTrial = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _clock;
    private readonly CircuitBreakerManualControl _control = new();
    private readonly ResiliencePipeline<bool> _breaker;
    private long _lastFailure;
    private long _trialDue;
    private volatile bool _isOpen;
    private volatile bool _troubled;
    private volatile bool _awaitsProbe;

    public DestinationCircuit(string destination, CircuitBreakerSettings settings, TimeProvider clock)
    {
        (Destination, Settings, _clock) = (destination, settings, clock);
        _breaker = new ResiliencePipelineBuilder<bool> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = settings.FailurePercent / 100.0,
                MinimumThroughput = settings.MinimumFailures,
                SamplingDuration = settings.Window,
                BreakDuration = settings.Break,
                ShouldHandle = static a => new ValueTask<bool>(a.Outcome.Result),
                ManualControl = _control,
                OnOpened = _ =>
                {
                    Open();
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    public string Destination { get; }

    public CircuitBreakerSettings Settings { get; }

    public bool IsOpen => _isOpen;

    /// <summary>Whether outcomes matter: it failed lately. While it has not, good ones need not be told.</summary>
    public bool IsTroubled => _troubled;

    public DateTimeOffset OpenSince { get; private set; }

    /// <summary>Raised when it has opened.</summary>
    public Action<DestinationCircuit>? Opened { get; init; }

    /// <summary>Whether the destination could not even be connected to, so that a connection is the first sign of its return.</summary>
    public bool FailsToConnect { get; private set; }

    public bool TrialIsDue => _clock.GetTimestamp() >= Volatile.Read(ref _trialDue);

    /// <summary>How long until the next trial, or until the next look that makes one due.</summary>
    private TimeSpan UntilTrial
    {
        get
        {
            var (now, due) = (_clock.GetTimestamp(), Volatile.Read(ref _trialDue));
            return due > now ? _clock.GetElapsedTime(now, due) : Settings.Break;
        }
    }

    /// <summary>How long until the next look, with jitter, so that many gateways do not look at once.</summary>
    public TimeSpan NextWait => Jittered(Settings.Break);

    /// <summary>Takes the place of the trial when one is due. A trial that hangs holds its place for a second: the destination may be back since.</summary>
    public bool TryBeginTrial()
    {
        var due = Volatile.Read(ref _trialDue);
        if (!_isOpen || _awaitsProbe || _clock.GetTimestamp() < due) return false;
        return Interlocked.CompareExchange(ref _trialDue, In(Settings.Break > LongestTrial ? Settings.Break : LongestTrial), due) == due;
    }

    /// <summary>The next request is the trial: the last one ended by no doing of the destination's, or a connection could be made.</summary>
    public void TrialSaidNothing() => Volatile.Write(ref _trialDue, _clock.GetTimestamp());

    /// <summary>While true, only a connection made in the background makes the next trial due.</summary>
    public void AwaitProbe(bool awaits) => _awaitsProbe = awaits;

    /// <summary>An attempt failed for a reason that is the destination's.</summary>
    public void Failed(bool toConnect, bool trial)
    {
        Volatile.Write(ref _lastFailure, _clock.GetTimestamp());
        FailsToConnect = toConnect;
        _troubled = true;
        if (trial) Volatile.Write(ref _trialDue, In(Jittered(Settings.Break)));
        else Feed(failed: true);
    }

    /// <summary>The trial was answered.</summary>
    public void Close()
    {
        _isOpen = false;
        _troubled = false;
        // Completes at once: nothing of ours waits in it.
        _ = _control.CloseAsync();
    }

    /// <summary>An attempt was answered. True: its last failure is so long ago that good ones need not be told any more.</summary>
    public bool Answered()
    {
        if (!_troubled) return false;
        Feed(failed: false);
        if (_isOpen || _clock.GetElapsedTime(Volatile.Read(ref _lastFailure)) <= Settings.Window) return false;
        _troubled = false;
        return true;
    }

    private void Feed(bool failed)
    {
        if (_isOpen) return;
        var context = ResilienceContextPool.Shared.Get();
        // What is executed is an outcome already known, so it is over when the call returns.
        _ = _breaker.ExecuteOutcomeAsync(static (_, outcome) => new ValueTask<Outcome<bool>>(Outcome.FromResult(outcome)), context, failed).AsTask().GetAwaiter().GetResult();
        ResilienceContextPool.Shared.Return(context);
    }

    private void Open()
    {
        OpenSince = _clock.GetUtcNow();
        Volatile.Write(ref _trialDue, In(Jittered(Settings.Break)));
        _isOpen = true;
        Opened?.Invoke(this);
    }

    private long In(TimeSpan time) => _clock.GetTimestamp() + (long)(time.TotalSeconds * _clock.TimestampFrequency);

    private static TimeSpan Jittered(TimeSpan time) => time * (0.8 + (Random.Shared.NextDouble() * 0.4));

    /// <summary>What one who is turned away is told.</summary>
    /// <param name="destinations">How many destinations are left alone.</param>
    /// <param name="last">The destination's last failure, once it has been classified.</param>
    public OpenCircuitFacts ToFacts(int destinations, FailureEvent? last) => new()
    {
        Destination = Destination,
        Cause = last?.Diagnosis.Failure.Cause.Id,
        Incident = last?.Incident,
        FailureId = last?.Id,
        Since = OpenSince,
        RetryInMs = UntilTrial.TotalMilliseconds,
        Destinations = destinations,
    };
}
