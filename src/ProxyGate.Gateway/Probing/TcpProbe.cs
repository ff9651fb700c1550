using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Probing;

/// <summary>Connects, and leaves again: enough for what speaks no HTTP worth asking.</summary>
internal static class TcpProbe
{
    public static async Task<HealthReason?> AskAsync(ProbeSetting probe, TimeProvider clock, CancellationToken cancellationToken)
    {
        var attempt = probe.Begin(clock);
        var dial = await new Dialer(clock).DialAsync(UpstreamTarget.Of(probe.Target), probe.Timeouts, cancellationToken);
        if (dial.Socket is { } socket)
        {
            socket.Dispose();
            return null;
        }

        attempt.Connected(new ConnectOutcome(dial, null, null));
        return ProbeVerdict.Of(attempt, "CONNECT", "/", probe.Cluster.ClusterId, clock.GetUtcNow());
    }
}
