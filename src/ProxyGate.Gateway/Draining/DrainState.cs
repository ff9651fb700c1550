namespace ProxyGate.Gateway.Draining;

internal enum DrainPhase
{
    Serving,

    /// <summary>Asked to stop: readiness says no, and everything is still served, so that load balancers can turn away.</summary>
    Grace,

    /// <summary>Takes nothing new, and finishes what is under way.</summary>
    Finishing,

    /// <summary>Time is up: what is still under way is ended.</summary>
    Over,
}

/// <summary>How far the gateway's stop has come.</summary>
internal sealed class DrainState : IDisposable
{
    private readonly CancellationTokenSource _finishing = new();
    private readonly CancellationTokenSource _over = new();
    private volatile DrainPhase _phase;
    private int _seen;

    public DrainPhase Phase => _phase;

    public bool IsOver => _phase == DrainPhase.Over;

    /// <summary>Signalled when conversations without an end of their own must close.</summary>
    public CancellationToken Finishing => _finishing.Token;

    /// <summary>Signalled when every request still under way is given up.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Requests that came while the gateway was finishing.</summary>
    public int Seen => Volatile.Read(ref _seen);

    public void SawRequest() => Interlocked.Increment(ref _seen);

    public void Begin() => _phase = DrainPhase.Grace;

    public void Finish()
    {
        _phase = DrainPhase.Finishing;
        _finishing.Cancel();
    }

    public void End()
    {
        _phase = DrainPhase.Over;
        _over.Cancel();
    }

    public void Dispose()
    {
        _finishing.Dispose();
        _over.Dispose();
    }
}
