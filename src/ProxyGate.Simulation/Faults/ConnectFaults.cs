using System.Net;
using System.Net.Sockets;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Connections over TCP that do not come about on this machine, or end at once.</summary>
internal static class ConnectFaults
{
    internal static IReadOnlyList<Fault> All { get; } =
    [
        new Refused(), new RefusedEverywhere(), new ListensOnIPv6Only(), new AcceptQueueFull(), new AcceptThenClose(), new AcceptThenReset(),
        new OneDeadOneAlive(),
    ];

    private sealed class Refused() : Fault("connect-refused", FaultFamily.Connect, "Nobody listens on the port.", Expects.ConnectRefused)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var held = FaultListener.Bind(environment.Endpoint);
            return Task.FromResult(new RunningFault(
                this, $"http://127.0.0.1:{((IPEndPoint)held.LocalEndPoint!).Port}", FaultClusterSettings.Default, new HeldSockets(held)));
        }
    }

    /// <summary>Holds the same port on both loopback addresses.</summary>
    private sealed class RefusedEverywhere() : Fault("connect-refused-everywhere", FaultFamily.Connect,
        "Its name has several addresses, and nobody listens on any.", Expects.ConnectRefused)
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var (four, six) = SamePort(environment.Port);
            return Task.FromResult(new RunningFault(
                this, $"http://localhost:{((IPEndPoint)four.LocalEndPoint!).Port}", FaultClusterSettings.Default, new HeldSockets([four, .. six])));
        }
    }

    private sealed class ListensOnIPv6Only() : Fault("listens-ipv6-only", FaultFamily.Connect,
        "The app listens on ::1 only, and is asked for at 127.0.0.1.", Expects.ConnectRefused)
    {
        public override string? CannotRunBecause(FaultEnvironment environment) => Socket.OSSupportsIPv6 ? null : "there is no IPv6 here";

        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var (four, six) = SamePort(environment.Port);
            six[0].Listen(16);
            return Task.FromResult(new RunningFault(
                this, $"http://127.0.0.1:{((IPEndPoint)four.LocalEndPoint!).Port}", FaultClusterSettings.Default, new HeldSockets([four, .. six])));
        }
    }

    private sealed class AcceptQueueFull() : Fault("accept-queue-full", FaultFamily.Connect,
        "The app listens but does not accept, and its queue is full.", Expects.ConnectTimeout.OrElse(
            "With a look at the kernel's queue the gateway may know better.", Expects.BacklogFull))
    {
        public override async Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var queue = await FullQueue.OfAsync(environment.Endpoint, cancellationToken);
            return new RunningFault(this, $"http://127.0.0.1:{((IPEndPoint)queue.EndPoint).Port}", FaultClusterSettings.Default, queue);
        }
    }

    private sealed class AcceptThenClose() : TcpFault("accept-then-close", FaultFamily.Connect,
        "Accepts the connection and closes it at once.", Expects.ClosedWithoutResponse.OrElse(
            "The close may be seen before, while or after the request is sent.", Expects.SendFailed, Expects.ConnectReset, Expects.ResetWithoutResponse))
    {
        protected override Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class AcceptThenReset() : TcpFault("accept-then-reset", FaultFamily.Connect,
        "Accepts the connection and resets it at once.", Expects.ConnectReset.OrElse(
            "The reset may be seen before, while or after the request is sent.", Expects.ResetWithoutResponse, Expects.SendFailed))
    {
        protected override Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            connection.Reset();
            return Task.CompletedTask;
        }
    }

    private sealed class OneDeadOneAlive() : Fault("one-dead-one-alive", FaultFamily.Connect,
        "Its name has several addresses, and the app listens on one of them: a control.", Expects.Fine())
    {
        public override Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
        {
            var (four, six) = SamePort(environment.Port);
            var port = ((IPEndPoint)four.LocalEndPoint!).Port;
            four.Dispose();
            var app = new FaultListener(new IPEndPoint(IPAddress.Loopback, port), environment, ServeAsync);
            return Task.FromResult(new RunningFault(this, $"http://localhost:{port}", FaultClusterSettings.Default, app, new HeldSockets(six)));
        }

        private static async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
                await connection.SendAsync(Answers.Ok, cancellationToken);
        }
    }

    /// <summary>One port on 127.0.0.1 and, where there is IPv6, on ::1, held but not listened on.</summary>
    private static (Socket Four, Socket[] Six) SamePort(int port)
    {
        for (var attempt = 0; ; attempt++)
        {
            var four = FaultListener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            if (!Socket.OSSupportsIPv6)
                return (four, []);
            try
            {
                return (four, [FaultListener.Bind(new IPEndPoint(IPAddress.IPv6Loopback, ((IPEndPoint)four.LocalEndPoint!).Port))]);
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported)
            {
                return (four, []);
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse && port == 0 && attempt < 20)
            {
                four.Dispose();
            }
            catch
            {
                four.Dispose();
                throw;
            }
        }
    }
}
