namespace ProxyGate.Simulation.Faults;

/// <summary>Mistakes in the gateway's own configuration.</summary>
internal static class GatewayFaults
{
    internal static IReadOnlyList<Fault> All { get; } = [new NoRoute(), new NoDestination(), new Loop()];

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
}
