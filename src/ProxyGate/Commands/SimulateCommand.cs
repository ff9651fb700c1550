using System.CommandLine;
using System.Net.Sockets;
using ProxyGate.Output;
using ProxyGate.Simulation;
using ProxyGate.Simulation.Apps;

namespace ProxyGate.Commands;

/// <summary><c>proxygate simulate</c>: lists the faults, or runs some until Ctrl+C.</summary>
internal static class SimulateCommand
{
    private const int WrongUsage = 2;
    private const int CouldNotRun = 3;
    private const string ChildName = "faulty-app";

    internal static Command Create()
    {
        var faults = new Argument<string[]>("fault") { Description = "The faults to run; none: list them all.", Arity = ArgumentArity.ZeroOrMore };
        var port = new Option<int>("--port") { Description = "The port of the first fault; the next ones follow. Default: free ones." };
        var json = new Option<bool>("--json") { Description = "List the faults as JSON." };
        var command = new Command("simulate", "List the faults that can be simulated, or run some of them until Ctrl+C.") { faults, port, json };
        command.SetAction((parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var ids = parsed.GetValue(faults) ?? [];
            return ids.Length == 0
                ? ListAsync(parsed.GetValue(json), output)
                : RunAsync(ids, parsed.GetValue(port), output, error, cancellationToken);
        });
        command.Add(CreateChild());
        return command;
    }

    /// <summary>The command with which this program runs the app that gets killed.</summary>
    internal static IReadOnlyList<string> ChildCommand()
    {
        var program = Environment.ProcessPath!;
        var byHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return byHost ? [program, Environment.GetCommandLineArgs()[0], "simulate", ChildName] : [program, "simulate", ChildName];
    }

    private static Command CreateChild()
    {
        var arguments = new Argument<string[]>("arguments") { Arity = ArgumentArity.ZeroOrMore };
        var child = new Command(ChildName) { arguments };
        child.Hidden = true;
        child.SetAction((parsed, _) => FaultyApp.RunAsync(parsed.GetValue(arguments) ?? []));
        return child;
    }

    private static async Task<int> ListAsync(bool json, TextWriter output)
    {
        await using var environment = new FaultEnvironment { ChildCommand = ChildCommand() };
        if (json)
        {
            await output.WriteLineAsync(FaultListJson.Of(FaultCatalogue.All, environment));
            return 0;
        }

        var width = FaultCatalogue.All.Max(fault => fault.Id.Length) + 2;
        foreach (var family in FaultFamily.All)
        {
            await output.WriteLineAsync(family);
            foreach (var fault in FaultCatalogue.All.Where(fault => fault.Family == family))
            {
                var note = fault.CannotRunBecause(environment) is { } reason ? $" (not here: {reason})" : fault.RequiresNamespace ? " (in a namespace)" : fault.RequiresOwnGateway ? " (behind a gateway of its own)" : "";
                await output.WriteLineAsync("  " + fault.Id.PadRight(width) + fault.Summary + note);
            }

            await output.WriteLineAsync();
        }

        return 0;
    }

    private static async Task<int> RunAsync(string[] ids, int port, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var chosen = new List<Fault>();
        foreach (var id in ids)
        {
            if (FaultCatalogue.Find(id) is { } fault)
            {
                chosen.Add(fault);
                continue;
            }

            await error.WriteLineAsync($"There is no fault '{id}'. Did you mean '{FaultCatalogue.Nearest(id)}'?");
            return WrongUsage;
        }

        await using var environment = new FaultEnvironment(FaultTimeouts.Brief) { ChildCommand = ChildCommand(), Port = port };
        var running = new List<RunningFault>();
        try
        {
            foreach (var fault in chosen)
            {
                if (fault.CannotRunBecause(environment) is { } reason)
                {
                    await error.WriteLineAsync($"The fault '{fault.Id}' cannot run here: {reason}.");
                    return CouldNotRun;
                }

                var one = await fault.StartAsync(environment, cancellationToken);
                running.Add(one);
                if (environment.Port > 0)
                    environment.Port++;
                await output.WriteLineAsync($"{fault.Id}: {one.Destination ?? "no destination"}  {fault.Summary}");
                if (one.Namespace is { } name)
                    await output.WriteLineAsync($"  Run the gateway in its namespace: ip netns exec {name} proxygate run --to {one.Destination}");
            }

            await output.WriteLineAsync("Running until Ctrl+C.");
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
        catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            await error.WriteLineAsync($"Port {environment.Port} cannot be used: {taken.Message}.");
            return CouldNotRun;
        }
        finally
        {
            foreach (var one in running)
                await one.DisposeAsync();
        }
    }
}
