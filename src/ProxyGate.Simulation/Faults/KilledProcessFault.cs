using System.Diagnostics;
using System.Globalization;

namespace ProxyGate.Simulation.Faults;

/// <summary>
/// A child process that listens, and kills itself with SIGKILL once it has a request. It is started again on the same port, as a
/// supervisor would, so that the fault can be met more than once.
/// </summary>
internal abstract class KilledProcessFault(string id, string summary, string moment, FaultExpectation expect)
    : Fault(id, FaultFamily.Closed, summary, expect)
{
    private const int MostStarts = 1000;

    public override string? CannotRunBecause(FaultEnvironment environment) =>
        environment.ChildCommand.Count == 0 ? "no command is known that runs the small app which gets killed" : null;

    public override async Task<RunningFault> StartAsync(FaultEnvironment environment, CancellationToken cancellationToken)
    {
        var supervisor = new Supervisor([.. environment.ChildCommand, moment], environment.Port);
        try
        {
            var port = await supervisor.StartAsync(cancellationToken);
            return new RunningFault(this, $"http://127.0.0.1:{port}", FaultClusterSettings.Default, supervisor);
        }
        catch
        {
            await supervisor.DisposeAsync();
            throw;
        }
    }

    private sealed class Supervisor(string[] command, int port) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private Process? _child;
        private int _port = port;
        private Task _watching = Task.CompletedTask;

        internal async Task<int> StartAsync(CancellationToken cancellationToken)
        {
            await SpawnAsync(cancellationToken);
            _watching = WatchAsync();
            return _port;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _watching;
            if (_child is { } child)
            {
                if (!child.HasExited)
                    child.Kill();
                await child.WaitForExitAsync(CancellationToken.None);
                child.Dispose();
            }

            _stop.Dispose();
        }

        private async Task WatchAsync()
        {
            try
            {
                for (var starts = 0; starts < MostStarts; starts++)
                {
                    await _child!.WaitForExitAsync(_stop.Token);
                    _child.Dispose();
                    await SpawnAsync(_stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // The fault is being stopped.
            }
        }

        private async Task SpawnAsync(CancellationToken cancellationToken)
        {
            var start = new ProcessStartInfo(command[0], [.. command[1..], _port.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
                RedirectStandardInput = true,
                UseShellExecute = false,
            };
            _child = Process.Start(start)!;
            // It says its port once it listens, and stops by itself when its standard input ends: no orphan if we die first.
            var line = await _child.StandardOutput.ReadLineAsync(cancellationToken);
            if (!int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out _port))
                throw new InvalidOperationException($"The child process of a fault said '{line}' instead of its port.");
        }
    }
}
