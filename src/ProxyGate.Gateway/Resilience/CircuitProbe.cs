using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// Looks in the background whether a destination that could not be connected to is back, so that no visitor has to wait for a dial that
/// fails. Only while requests want it: otherwise the next request is the look.
/// </summary>
internal sealed class CircuitProbe(DestinationCircuit circuit, string address, TimeoutSettings timeouts, TimeProvider clock)
{
    private static readonly TimeSpan WantedFor = TimeSpan.FromSeconds(5);

    private readonly Dialer _dialer = new(clock);
    private readonly UpstreamTarget? _target = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? UpstreamTarget.Of(uri) : null;
    private long _wanted = clock.GetTimestamp();
    private int _running;

    /// <summary>A request would have gone there.</summary>
    public void Wanted()
    {
        Volatile.Write(ref _wanted, clock.GetTimestamp());
        if (Volatile.Read(ref _running) == 0 && circuit is { IsOpen: true, FailsToConnect: true, TrialIsDue: false }) Start();
    }

    public void Start()
    {
        if (_target is null || Interlocked.Exchange(ref _running, 1) != 0) return;
        Volatile.Write(ref _wanted, clock.GetTimestamp());
        circuit.AwaitProbe(true);
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        try
        {
            while (circuit.IsOpen && clock.GetElapsedTime(Volatile.Read(ref _wanted)) < WantedFor)
            {
                await Task.Delay(circuit.NextWait, clock);
                if (!circuit.IsOpen) return;
                var dial = await _dialer.DialAsync(_target!, timeouts, CancellationToken.None);
                if (dial.Socket is null) continue;
                dial.Socket.Dispose();
                circuit.TrialSaidNothing();
                return;
            }
        }
        finally
        {
            circuit.AwaitProbe(false);
            Volatile.Write(ref _running, 0);
        }
    }
}
