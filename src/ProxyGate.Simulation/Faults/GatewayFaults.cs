using System.Net;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Mistakes in the gateway's own configuration, and what the gateway turns away by itself.</summary>
internal static class GatewayFaults
{
    internal static IReadOnlyList<Fault> All { get; } = [new NoRoute(), new NoDestination(), new Loop(), new NoneHealthy(), new CircuitOpen(), new DestinationFull(), new Overloaded()];

    private sealed class NoRoute() : Fault("gateway-no-route", FaultFamily.Gateway,
        "No route of the gateway matches the path.", Expects.RouteNotFound)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken) =>
            Task.FromResult(new RunningFault(this, null, FaultClusterSettings.Default with { HasRoute = false }));
    }

    private sealed class NoDestination() : Fault("gateway-no-destination", FaultFamily.Gateway,
        "The route leads to a cluster without destinations.", Expects.NoDestinations)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken) =>
            Task.FromResult(new RunningFault(this, null, FaultClusterSettings.Default));
    }

    private sealed class Loop() : Fault("gateway-loop", FaultFamily.Gateway,
        "The destination is the gateway itself.", Expects.ProxyLoop.OrElse(
            "The outer passes of a loop see the answer of the inner one as a gateway's.", Expects.NextGatewayError(502)))
    {
        public override string? CannotRunBecause(FaultEnvironment environment) =>
            environment.GatewayAddress is null ? "the gateway's own address is not known" : null;

        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken) =>
            Task.FromResult(new RunningFault(this, environment.GatewayAddress, FaultClusterSettings.Default with { KeepsPath = true }));
    }

    /// <summary>A port nobody listens on, and a gateway that remembers it.</summary>
    private abstract class Remembered(string id, string summary, FaultExpectation expect, int failures, FaultClusterSettings cluster)
        : Fault(id, FaultFamily.Gateway, summary, expect)
    {
        public override FaultRequest Request { get; } = new() { WarmUps = failures };

        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var held = FaultListener.Bind(environment.Endpoint);
            return Task.FromResult(new RunningFault(this, $"http://127.0.0.1:{((IPEndPoint)held.LocalEndPoint!).Port}", cluster, new HeldSockets(held)));
        }
    }

    private sealed class NoneHealthy() : Remembered("gateway-no-healthy-destination",
        "Nobody listens on the port, and ten failed requests have taken the only destination out of use.", Expects.NoHealthyDestination,
        failures: 10, FaultClusterSettings.Default with { HeedsFailures = true });

    private sealed class CircuitOpen() : Remembered("gateway-circuit-open",
        "Nobody listens on the port, and after two failures the gateway leaves the destination alone.", Expects.CircuitOpen,
        failures: 2, FaultClusterSettings.Default with { FailuresToOpen = 2 });

    /// <summary>Answers for so long that others come meanwhile.</summary>
    private abstract class LongAnswer(string id, string summary, FaultExpectation expect) : TcpFault(id, FaultFamily.Gateway, summary, expect)
    {
        private static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

        public override FaultRequest Request { get; } = new() { Crowd = 1 };

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n", cancellationToken);
                var pause = connection.Timeouts.Idle / 10;
                for (var spent = TimeSpan.Zero; spent < Length; spent += pause)
                {
                    await connection.SendAsync("1\r\n.\r\n", cancellationToken);
                    await Task.Delay(pause, cancellationToken);
                }

                await connection.SendAsync("0\r\n\r\n", cancellationToken);
            }
        }
    }

    private sealed class DestinationFull() : LongAnswer("gateway-destination-full",
        "The app answers for a minute, and the gateway sends it one request at a time.", Expects.DestinationLimit)
    {
        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Default with { MaxPerDestination = 1 };
    }

    private sealed class Overloaded() : LongAnswer("gateway-overloaded",
        "The app answers for a minute, and the gateway as a whole takes on one request at a time.", Expects.Overloaded)
    {
        public override bool RequiresOwnGateway => true;

        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Default with { MaxRequests = 1 };
    }
}
