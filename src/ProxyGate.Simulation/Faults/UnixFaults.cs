using System.Net.Sockets;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Destinations on unix sockets that cannot be connected to.</summary>
internal static class UnixFaults
{
    internal static IReadOnlyList<Fault> All { get; } = [new Missing(), new Refused(), new Denied(), new QueueFull(), new Healthy()];

    private sealed class Missing() : Fault("unix-missing", FaultFamily.Connect, "Its unix socket does not exist.", Expects.SocketMissing)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken) =>
            Task.FromResult(new RunningFault(this, $"http://unix:{environment.FreshSocketPath()}", FaultClusterSettings.Default));
    }

    private sealed class Refused() : Fault("unix-refused", FaultFamily.Connect,
        "Its unix socket is left over from a process that is gone.", Expects.ConnectRefused)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var path = environment.FreshSocketPath();
            var held = FaultListener.Bind(new UnixDomainSocketEndPoint(path));
            return Task.FromResult(new RunningFault(this, $"http://unix:{path}", FaultClusterSettings.Default, new HeldSockets(held)));
        }
    }

    private sealed class Denied() : Fault("unix-denied", FaultFamily.Connect,
        "Its unix socket may not be opened by the gateway.", Expects.SocketDenied)
    {
        public override string? CannotRunBecause(FaultEnvironment environment) =>
            environment.GatewayObeysPermissions ? null : "root may open every socket: run it as an ordinary user";

        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var path = environment.FreshSocketPath();
            var held = FaultListener.Listen(new UnixDomainSocketEndPoint(path), backlog: 16);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.None);
            return Task.FromResult(new RunningFault(this, $"http://unix:{path}", FaultClusterSettings.Default, new HeldSockets(held)));
        }
    }

    private sealed class QueueFull() : Fault("unix-queue-full", FaultFamily.Connect,
        "The app listens on a unix socket but does not accept, and its queue is full.", Expects.BacklogFull)
    {
        public override async Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var path = environment.FreshSocketPath();
            var queue = await FullQueue.OfAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new RunningFault(this, $"http://unix:{path}", FaultClusterSettings.Default, queue);
        }
    }

    private sealed class Healthy() : Fault("unix-healthy", FaultFamily.Connect, "An app on a unix socket: a control.", Expects.Fine())
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var path = environment.FreshSocketPath();
            var app = new FaultListener(new UnixDomainSocketEndPoint(path), environment, async (connection, stop) =>
            {
                while (await connection.ReadRequestAsync(stop) is not null)
                    await connection.SendAsync(Answers.Ok, stop);
            });
            return Task.FromResult(new RunningFault(this, $"http://unix:{path}", FaultClusterSettings.Default, app));
        }
    }
}
